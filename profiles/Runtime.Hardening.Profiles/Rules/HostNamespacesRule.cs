using System.Text.Json;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary><c>require.hostNamespaces</c>: a type that linux.namespaces does not list, or that joins the host's by path, is shared with the host.</summary>
internal sealed class HostNamespacesRule : IHardeningRule
{
    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        if (!Array.Exists(context.Policies, static policy => policy.RequireHostNamespaces is not null) || !context.Spec.Has(SpecPath.Linux))
        {
            return;
        }

        List<(string Type, string Path)> own = ReadNamespaces(context.Spec);
        foreach (Policy policy in context.Policies)
        {
            foreach (string type in policy.RequireHostNamespaces?.Deny ?? [])
            {
                // Every entry of the type must be the container's own: runtimes disagree on which of two counts.
                bool isOwn = own.Exists(item => item.Type == type)
                    && own.TrueForAll(item => item.Type != type || item.Path.Length == 0 || !HostFacts.IsHostNamespace(item.Path, type));
                if (!isOwn)
                {
                    Requirement.Violated(decision, RuleId.RequireHostNamespaces, policy, policy.RequireHostNamespaces!.Otherwise,
                        $"the container shares the host's {type} namespace; run it in its own (no host{char.ToUpperInvariant(type[0])}{type[1..]}, no --{type} host)");
                }
            }
        }
    }

    private static List<(string Type, string Path)> ReadNamespaces(ContainerSpec spec)
    {
        var namespaces = new List<(string, string)>();
        if (!spec.Has(SpecPath.Namespaces))
        {
            return namespaces;
        }

        var reader = new Utf8JsonReader(spec.Raw(SpecPath.Namespaces));
        try
        {
            JsonMembers.OpenArray(ref reader, SpecPath.Namespaces.Text());
            while (JsonMembers.NextObject(ref reader, SpecPath.Namespaces.Text()))
            {
                string type = "", path = "";
                while (JsonMembers.Next(ref reader, out string name))
                {
                    if (name is "type" && type.Length == 0)
                    {
                        type = JsonMembers.Text(ref reader, name);
                    }
                    else if (name is "path" && path.Length == 0)
                    {
                        path = JsonMembers.Text(ref reader, name);
                    }
                    else if (SpecKeys.Clashes(name, "type") || SpecKeys.Clashes(name, "path"))
                    {
                        throw new JsonException($"an entry has '{name}' twice or in a second spelling, and runtimes disagree on it");
                    }
                    else
                    {
                        JsonMembers.Skip(ref reader);
                    }
                }

                namespaces.Add((type, path));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SpecFormatException($"{SpecPath.Namespaces.Text()}: {e.Message}.");
        }

        return namespaces;
    }
}
