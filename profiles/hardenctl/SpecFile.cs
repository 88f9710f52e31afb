using System.CommandLine;
using System.Text.Json;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Cli;

/// <summary>A spec that a command is asked about, and what the hook would know of it besides.</summary>
internal static class SpecFile
{
    public static readonly Option<string> Root = new("--root")
    {
        Description = "What the engine would give the runtime as --root: engine and engine namespace are read from it, and pod, container and image are believed below k8s.io alone; "
            + "for example /run/containerd/runc/k8s.io",
        HelpName = "PATH",
        DefaultValueFactory = _ => "",
    };

    public static readonly Option<string?> Engine = CreateEngine();

    private static readonly string[] s_members = ["ociVersion", "process", "root", "linux"];

    private static readonly string[] s_opened = ["/dev/stdin", "/dev/fd/", "/proc/self/fd/"];

    /// <summary>Reads a config.json, or the one in a bundle.</summary>
    /// <exception cref="CliException">It cannot be read, or the hook would refuse it too.</exception>
    public static (ContainerSpec Spec, ContainerFacts Facts) Read(ParseResult parsed, string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "config.json") : path;
        try
        {
            ContainerSpec spec = Parse(file);
            string bundle = Path.GetFileName(file) == "config.json" ? Path.GetDirectoryName(Path.GetFullPath(file))! : "";
            return (spec, FactsReader.Read(spec, parsed.GetValue(Root) ?? "", parsed.GetValue(Engine)) with { Bundle = bundle });
        }
        catch (HardeningFormatException e)
        {
            throw new CliException($"{file}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The spec '{file}' cannot be read: {e.Message} Give a config.json or a bundle's folder.");
        }
    }

    /// <summary>The bounding set of a config.json, or of the one in a bundle.</summary>
    /// <exception cref="CliException">It cannot be read.</exception>
    public static string[] BoundingSet(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "config.json") : path;
        try
        {
            return Parse(file).Texts(SpecPath.CapabilitiesBounding);
        }
        catch (HardeningFormatException e)
        {
            throw new CliException($"{file}: {e.Message}");
        }
    }

    // Everything in a spec may be absent, so that any object is one to the parser; one that has nothing of a spec is another file.
    private static ContainerSpec Parse(string file)
    {
        byte[] bytes = ReadBounded(file);
        ContainerSpec spec = ContainerSpec.Parse(bytes);
        using JsonDocument json = JsonDocument.Parse(bytes);
        return s_members.Any(name => json.RootElement.TryGetProperty(name, out _)) ? spec
            : throw new CliException($"{file}: this is no config.json: it has none of {string.Join(", ", s_members)}. Give a container's config.json or a bundle's folder.");
    }

    private static Option<string?> CreateEngine()
    {
        Option<string?> engine = new("--engine")
        {
            Description = "The engine, where --root and the spec do not tell",
            HelpName = string.Join('|', FactsReader.Engines),
        };
        engine.AcceptOnlyFromAmong([.. FactsReader.Engines]);
        return engine;
    }

    // As much as the hook reads. A pipe has no length, so the bound is counted.
    private static byte[] ReadBounded(string file)
    {
        const int Most = 64 * 1024 * 1024;
        // Nobody may ever write to a FIFO with a name; one that the shell opened for us has its writer.
        if (!s_opened.Any(p => file.StartsWith(p, StringComparison.Ordinal)) && RegularFile.ProblemOf(file) is { } problem)
        {
            throw new IOException(problem);
        }

        using FileStream stream = File.OpenRead(file);
        using var bytes = new MemoryStream();
        byte[] part = new byte[64 * 1024];
        for (int count = stream.Read(part); count > 0; count = stream.Read(part))
        {
            bytes.Write(part, 0, count);
            if (bytes.Length > Most)
            {
                throw new CliException($"{file}: larger than {Most >> 20} MiB, which no container needs; the hook would refuse it too.");
            }
        }

        return bytes.ToArray();
    }
}
