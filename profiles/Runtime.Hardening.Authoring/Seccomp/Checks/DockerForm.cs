using System.Globalization;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Docker;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>The form of what Docker's format adds: archMap, and entries that depend on the container and the host.</summary>
internal static class DockerForm
{
    private static readonly string[] s_entryFields = [.. ProfileWords.RuleFields, .. ProfileWords.DockerRuleFields, "errno"];

    public static void CheckRoot(JObject profile, FormReader form)
    {
        form.SecondSpellings(profile, ProfileWords.DockerRootFields);
        JArray map = form.List(profile, "archMap");
        if (map.Count > 0 && profile["architectures"] is JArray { Count: > 0 } list)
        {
            form.Report.Error("two-architecture-lists", list.Place(), "'architectures' and 'archMap' both stand here, and Docker refuses that. Keep one of them.");
        }

        if (profile["defaultErrno"] is { } errno && profile["defaultErrnoRet"] is null)
        {
            form.Report.Error("errno-by-name", errno.Place(), "'defaultErrno' is read by Podman alone; everything else would answer EPERM. Add 'defaultErrnoRet' with the number.");
        }

        foreach (JToken token in map)
        {
            if (token is JObject entry)
            {
                form.SecondSpellings(entry, ProfileWords.ArchMapFields);
                form.Word(entry, "architecture", ProfileWords.Architectures, required: true);
                foreach (JToken architecture in form.List(entry, "subArchitectures"))
                {
                    form.OneOf(architecture, ProfileWords.Architectures);
                }
            }
            else
            {
                form.WrongType(token, "an object with architecture and subArchitectures");
            }
        }
    }

    public static void CheckRule(JObject entry, FormReader form)
    {
        if (entry["name"] is { Type: not JTokenType.Null } name && entry["names"] is JArray { Count: > 0 })
        {
            form.Report.Error("two-name-fields", name.Place(), "'name' and 'names' both stand here, and Docker refuses that. Keep 'names'.");
        }

        if (entry["errno"] is { } errno && entry["errnoRet"] is null)
        {
            form.Report.Error("errno-by-name", errno.Place(), "'errno' is read by Podman alone; everything else would answer EPERM. Add 'errnoRet' with the number.");
        }

        CheckScopeFields(entry, form);
        Filter(entry, "includes", form);
        Filter(entry, "excludes", form);
    }

    /// <summary>A misspelt includes or excludes would make the entry one for every container, in either format.</summary>
    public static void CheckScopeFields(JObject entry, FormReader form)
    {
        foreach (JProperty member in entry.Properties().Where(static p => IsMisspeltScope(p.Name)))
        {
            form.Report.Error("unknown-field", member.Place(),
                $"Unknown field '{member.Name}' in an entry of syscalls, which would hold for every container.{DidYouMean.Sentence(member.Name, s_entryFields)}");
        }
    }

    /// <summary>Whether it is nothing that an entry has, and probably was meant to say for which containers the entry is.</summary>
    public static bool IsMisspeltScope(string name)
        => !s_entryFields.Contains(name) && !s_entryFields.Any(k => SpecKeys.Clashes(name, k)) && DidYouMean.Nearest(name, s_entryFields) is "includes" or "excludes";

    private static void Filter(JObject entry, string field, FormReader form)
    {
        if (entry[field] is not { Type: not JTokenType.Null } token)
        {
            return;
        }

        if (token is not JObject filter)
        {
            form.WrongType(token, "an object with caps, arches or minKernel");
            return;
        }

        form.SecondSpellings(filter, ProfileWords.FilterFields);
        foreach (JProperty member in filter.Properties().Where(static p => !ProfileWords.FilterFields.Contains(p.Name) && !ProfileWords.FilterFields.Any(k => SpecKeys.Clashes(p.Name, k))))
        {
            form.Report.Error("unknown-field", member.Place(),
                $"Unknown field '{member.Name}' in '{field}', expected one of {string.Join(", ", ProfileWords.FilterFields)}; without it the entry is for more containers.{DidYouMean.Sentence(member.Name, ProfileWords.FilterFields)}");
        }

        Names(filter, "caps", "capability, expected a full name such as CAP_SYS_ADMIN", CapabilitySet.KnownNames.ToArray(), static name => $"CAP_{name.ToUpperInvariant()}", form);
        Names(filter, "arches", "architecture of Docker's format", DockerArchitecture.InFilters, static name => DockerArchitecture.Find(name)?.Name, form);

        if (filter["minKernel"] is { Type: not JTokenType.Null } kernel && form.Text(kernel, "a kernel version like \"5.10\"") is { } text && ParseKernel(text) is null)
        {
            form.WrongType(kernel, "a kernel version like \"5.10\": two numbers up to 255, and no more");
        }
    }

    // A name that nobody knows is one that no container has: the entry would never hold, or be excluded nowhere.
    private static void Names(JObject filter, string field, string what, string[] known, Func<string, string?> other, FormReader form)
    {
        foreach (JToken item in form.List(filter, field))
        {
            if (form.Text(item, "a name") is { } name && !known.Contains(name))
            {
                string hint = other(name) is { } meant && known.Contains(meant) ? $" Did you mean '{meant}'?" : DidYouMean.Sentence(name, known);
                form.Report.Error("unknown-value", item.Place(), $"'{name}' is no {what}.{hint}");
            }
        }
    }

    /// <summary>As Docker reads it: two numbers of eight bits, not both 0.</summary>
    public static (uint Kernel, uint Major)? ParseKernel(string text)
        => text.Split('.') is [{ } first, { } second]
            && byte.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out byte kernel)
            && byte.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out byte major)
            && kernel + major > 0
            ? (kernel, major)
            : null;
}
