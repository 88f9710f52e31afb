using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Facts;

/// <summary>Reads <see cref="ContainerFacts"/> from a spec and the runtime's root. Annotation names are the engines' own.</summary>
public static class FactsReader
{
    private const string Cri = "io.kubernetes.cri.";
    private const string CriO = "io.kubernetes.cri-o.";
    private const string Nerdctl = "nerdctl/name";

    /// <summary>Reads the facts.</summary>
    /// <param name="spec">A config.json.</param>
    /// <param name="root">The value of <c>--root</c>, or empty.</param>
    /// <exception cref="SpecFormatException">Annotations or devices are not what the OCI specification says, or an annotation stands there twice.</exception>
    public static ContainerFacts Read(ContainerSpec spec, string root)
    {
        Dictionary<string, string> annotations = ReadAnnotations(spec);
        string engine = EngineOf(root, annotations.GetValueOrDefault("io.container.manager", ""));

        // CRI-O copies every annotation of a pod into the specs of its containers: what stands there under containerd's names is whatever the pod's author likes.
        bool IsForeign(string name) => engine == "cri-o" && (name.StartsWith(Cri, StringComparison.Ordinal) || name == Nerdctl);
        string Annotation(params ReadOnlySpan<string> names)
        {
            foreach (string name in names)
            {
                if (!IsForeign(name) && annotations.TryGetValue(name, out string? value))
                {
                    return value;
                }
            }

            return "";
        }

        string kind = Annotation(Cri + "container-type", CriO + "ContainerType");
        return new ContainerFacts
        {
            Engine = engine,
            EngineNamespace = engine is "containerd" or "docker" ? root[(root.TrimEnd('/').LastIndexOf('/') + 1)..].TrimEnd('/') : "",
            PodNamespace = Annotation(Cri + "sandbox-namespace", "io.kubernetes.pod.namespace", CriO + "Namespace"),
            Pod = Annotation(Cri + "sandbox-name", "io.kubernetes.pod.name", CriO + "KubeName"),
            Name = Annotation(Cri + "container-name", "io.kubernetes.container.name", Nerdctl),
            Image = Annotation(Cri + "image-name", CriO + "ImageName", Cri + "podsandbox.image-name"),
            Hostname = spec.Text(SpecPath.Hostname) ?? "",
            IsSandbox = kind == "sandbox",
            LooksPrivileged = IsPrivileged(spec),
            Annotations = annotations,
        };
    }

    /// <summary>The engines that <see cref="EngineOf"/> tells apart.</summary>
    public static string[] Engines => ["containerd", "docker", "podman", "cri-o"];

    /// <summary>
    /// Which engine calls. containerd and Docker are known by the root they give the runtime, which no container's author has a say in; only where it tells
    /// nothing does the signature count that Podman and CRI-O put into their specs.
    /// </summary>
    public static string EngineOf(string root, string manager)
    {
        // containerd's shim: <root>/<namespace>, by default /run/containerd/runc/<namespace>; dockerd: <exec-root>/runtime-runc/moby.
        if (root.Contains("/runtime-", StringComparison.Ordinal) && root.TrimEnd('/').EndsWith("/moby", StringComparison.Ordinal))
        {
            return "docker";
        }

        return root.Contains("containerd", StringComparison.Ordinal) || root.TrimEnd('/').EndsWith("/k8s.io", StringComparison.Ordinal) ? "containerd"
            : manager switch { "libpod" => "podman", "cri-o" => "cri-o", _ => "unknown" };
    }

    // There is no flag for it (engines expand --privileged into its parts), so: the key to the kernel in the bounding set, and no path masked
    // or every device allowed. A container that merely got CAP_SYS_ADMIN keeps its masks.
    internal static bool IsPrivileged(ContainerSpec spec)
        => spec.CapabilitySet(SpecPath.CapabilitiesBounding).Contains(s_sysAdmin)
            && (spec.Texts(SpecPath.MaskedPaths).Length == 0 || AllowsEveryDevice(spec));

    private static readonly string[] s_deviceKeys = ["allow", "access", "type", "major", "minor"];

    private static readonly CapabilitySet s_sysAdmin = new(1UL << 21);

    private static bool AllowsEveryDevice(ContainerSpec spec)
    {
        if (!spec.Has(SpecPath.ResourcesDevices))
        {
            return false;
        }

        var reader = new Utf8JsonReader(spec.Raw(SpecPath.ResourcesDevices));
        try
        {
            JsonMembers.OpenArray(ref reader, SpecPath.ResourcesDevices.Text());
            while (JsonMembers.NextObject(ref reader, SpecPath.ResourcesDevices.Text()))
            {
                bool allow = false, any = true;
                string access = "";
                while (JsonMembers.Next(ref reader, out string name))
                {
                    switch (name)
                    {
                        case "allow":
                            allow = JsonMembers.Flag(ref reader, name);
                            break;
                        case "access":
                            access = JsonMembers.Text(ref reader, name);
                            break;
                        case "type":
                            any &= JsonMembers.Text(ref reader, name) is "a" or "";
                            break;
                        default:
                            if (Array.Exists(s_deviceKeys, key => key != name && SpecKeys.Clashes(name, key)))
                            {
                                throw new JsonException($"an entry has '{name}', a second spelling on which runtimes disagree");
                            }

                            any &= name is not ("major" or "minor");
                            JsonMembers.Skip(ref reader);
                            break;
                    }
                }

                if (allow && any && access.Contains('w', StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SpecFormatException($"{SpecPath.ResourcesDevices.Text()}: {e.Message}.");
        }

        return false;
    }

    private static Dictionary<string, string> ReadAnnotations(ContainerSpec spec)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!spec.Has(SpecPath.Annotations))
        {
            return annotations;
        }

        var reader = new Utf8JsonReader(spec.Raw(SpecPath.Annotations));
        try
        {
            JsonMembers.Open(ref reader, "annotations");
            while (JsonMembers.Next(ref reader, out string name))
            {
                if (!annotations.TryAdd(name, JsonMembers.Text(ref reader, name)))
                {
                    throw new SpecFormatException($"config.json: annotation '{name}' stands there twice, and runtimes disagree on which one counts.");
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SpecFormatException($"config.json: annotations: {e.Message}.");
        }

        return annotations;
    }
}
