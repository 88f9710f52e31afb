using System.Text.Json;
using Runtime.Hardening.Collector.Containerd.Wire;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Containerd;

/// <summary>Who a container is, as containerd tells it.</summary>
/// <param name="Namespace">containerd's namespace: k8s.io, moby, default, ...</param>
/// <param name="Id">The container's id.</param>
/// <param name="Image">The image as the engine wrote it; may be empty.</param>
/// <param name="RuntimeRoot">The `--root` that the runtime is called with: half of the record's key.</param>
/// <param name="Attributes">The resource's attributes.</param>
internal sealed record ContainerIdentity(
    string Namespace, string Id, string Image, string RuntimeRoot, IReadOnlyList<TelemetryAttribute> Attributes)
{
    private const string DefaultRoot = "/run/containerd/runc";

    // Where Kubernetes' names are: labels that CRI sets on the container, annotations that it sets in the spec.
    private static readonly (string Attribute, string Label, string Annotation)[] s_kubernetes =
    [
        ("k8s.namespace.name", "io.kubernetes.pod.namespace", "io.kubernetes.cri.sandbox-namespace"),
        ("k8s.pod.name", "io.kubernetes.pod.name", "io.kubernetes.cri.sandbox-name"),
        ("k8s.pod.uid", "io.kubernetes.pod.uid", "io.kubernetes.cri.sandbox-uid"),
        ("k8s.container.name", "io.kubernetes.container.name", "io.kubernetes.cri.container-name"),
    ];

    internal static ContainerIdentity From(string containerdNamespace, Container container)
    {
        string root = RootOf(container);
        Dictionary<string, string> annotations = AnnotationsOf(container);
        List<TelemetryAttribute> attributes =
        [
            new("container.id", container.Id),
            new("container.runtime.name", "containerd"),
            new("containerd.namespace", containerdNamespace),
        ];
        string image = container.Image.Length > 0 ? container.Image : annotations.GetValueOrDefault("io.kubernetes.cri.image-name", "");
        attributes.AddRange(ImageAttributes(image));
        foreach ((string attribute, string label, string annotation) in s_kubernetes)
        {
            if ((container.Labels.TryGetValue(label, out string? value) || annotations.TryGetValue(annotation, out value)) && value.Length > 0)
            {
                attributes.Add(new(attribute, value));
                if (attribute == "k8s.container.name")
                {
                    attributes.Add(new("container.name", value));
                }
            }
        }

        if (container.Labels.TryGetValue("nerdctl/name", out string? nerdctl))
        {
            attributes.Add(new("container.name", nerdctl));
        }

        bool sandbox = container.Labels.GetValueOrDefault("io.cri-containerd.kind") == "sandbox" ||
                       annotations.GetValueOrDefault("io.kubernetes.cri.container-type") == "sandbox";
        attributes.Add(new("container.sandbox", sandbox));
        return new(containerdNamespace, container.Id, image, $"{root}/{containerdNamespace}", attributes);
    }

    /// <summary>container.image.name without its tag, and the tag.</summary>
    internal static IEnumerable<TelemetryAttribute> ImageAttributes(string image)
    {
        if (image.Length == 0)
        {
            yield break;
        }

        int digest = image.IndexOf('@');
        string name = digest < 0 ? image : image[..digest];
        int tag = name.LastIndexOf(':');
        bool tagged = tag > name.LastIndexOf('/'); // else the colon is a port's
        yield return new("container.image.name", tagged ? name[..tag] : name);
        if (tagged)
        {
            yield return new("container.image.tags", new[] { name[(tag + 1)..] });
        }

        if (digest >= 0)
        {
            yield return new("container.image.repo_digests", new[] { $"{(tagged ? name[..tag] : name)}{image[digest..]}" });
        }
    }

    private static string RootOf(Container container)
    {
        if (container.Runtime?.Options is { } options && options.TypeUrl.EndsWith("containerd.runc.v1.Options", StringComparison.Ordinal))
        {
            string root = RuncOptions.Parser.ParseFrom(options.Value).Root;
            return root.Length > 0 ? root.TrimEnd('/') : DefaultRoot;
        }

        return DefaultRoot;
    }

    private static Dictionary<string, string> AnnotationsOf(Container container)
    {
        Dictionary<string, string> annotations = [];
        if (container.Spec is null || container.Spec.Value.IsEmpty)
        {
            return annotations;
        }

        try
        {
            using JsonDocument spec = JsonDocument.Parse(container.Spec.Value.Memory);
            if (spec.RootElement.ValueKind == JsonValueKind.Object && spec.RootElement.TryGetProperty("annotations", out JsonElement found) &&
                found.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in found.EnumerateObject())
                {
                    if (property.Value.ValueKind == JsonValueKind.String)
                    {
                        annotations[property.Name] = property.Value.GetString()!;
                    }
                }
            }
        }
        catch (JsonException)
        {
            annotations.Clear(); // a spec of another kind of runtime: there is nothing to learn from it
        }

        return annotations;
    }
}
