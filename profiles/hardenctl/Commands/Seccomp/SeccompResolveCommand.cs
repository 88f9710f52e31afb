using System.CommandLine;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Docker;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp resolve</c>: Docker's format for one container on one host, as the engine would settle it.</summary>
internal static class SeccompResolveCommand
{
    private static readonly Argument<string> s_profile = new("PROFILE") { Description = "A profile in Docker's format; '-' is the standard input" };

    private static readonly Option<string[]> s_capabilities = new("--cap")
    {
        Description = "A capability of the container's bounding set (NET_ADMIN or CAP_NET_ADMIN), 'all' or 'default' (the 14 that Docker gives); may be repeated. None without it",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    private static readonly Option<string?> s_spec = new("--spec") { Description = "Take the capabilities from this config.json, or from the one in this bundle", HelpName = "FILE" };

    private static readonly Option<string?> s_architecture = new("--arch") { Description = "The host's architecture (amd64, arm64, SCMP_ARCH_X86_64); default: this machine's", HelpName = "ARCH" };

    private static readonly Option<string?> s_kernel = new("--kernel") { Description = "The host's kernel version (5.10); default: this machine's", HelpName = "VERSION" };

    // What an engine gives a container that asks for nothing, as Docker and containerd have it.
    private static readonly string[] s_default =
    [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_MKNOD", "CAP_NET_BIND_SERVICE", "CAP_NET_RAW",
        "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ];

    public static Command Create()
    {
        Command resolve = new ExampleCommand("resolve", "Make the OCI JSON of a profile in Docker's format: includes, excludes, archMap and minKernel settled for one container on one host",
            "hardenctl seccomp resolve docker.json --cap default > oci.json", "hardenctl seccomp resolve docker.json --cap NET_ADMIN --cap SYS_PTRACE --arch arm64 --kernel 6.1",
            "hardenctl seccomp resolve /usr/share/containers/seccomp.json --spec /run/containerd/io.containerd.runtime.v2.task/default/c1")
        {
            s_profile, s_capabilities, s_spec, s_architecture, s_kernel,
        };
        resolve.Run(Run);
        return resolve;
    }

    private static CliExit Run(ParseResult parsed)
    {
        DockerContainer container = Container(parsed);
        string path = parsed.GetValue(s_profile)!;
        LintReport report = new();
        ProfileDocument? profile = ProfileDocument.Load(path, ProfileDialect.Docker, report);
        SeccompCommands.Refuse(parsed, path, report);
        JObject resolved = SettledProfile.Of(profile!, container);
        int before = profile!.Rules.Count, after = (resolved["syscalls"] as JArray)?.Count ?? 0;
        Printer.Say(parsed).WriteLine(
            $"For {container.Architecture.Name}, kernel {container.Kernel} and {PolicyCommands.Count(container.Capabilities.Count, "capability").Replace("ys", "ies", StringComparison.Ordinal)}: {after} of {before} entries.");
        SeccompCommands.Write(parsed, resolved);
        return CliExit.Fine;
    }

    private static DockerContainer Container(ParseResult parsed)
    {
        string? architecture = parsed.GetValue(s_architecture), kernel = parsed.GetValue(s_kernel);
        DockerArchitecture host = architecture is null ? DockerArchitecture.Native
            : DockerArchitecture.Find(architecture)
                ?? throw new CliException($"--arch '{architecture}' is unknown here, expected one of {string.Join(", ", DockerArchitecture.Known)}.{DidYouMean.Sentence(architecture, DockerArchitecture.Known)}");
        KernelVersion version = kernel is null ? KernelVersion.Native
            : KernelVersion.Parse(kernel) ?? throw new CliException($"--kernel '{kernel}' is no version, expected two numbers like 6.1.");
        return new DockerContainer(Capabilities(parsed), host, version);
    }

    private static HashSet<string> Capabilities(ParseResult parsed)
    {
        HashSet<string> held = new(StringComparer.Ordinal);
        foreach (string name in parsed.GetValue(s_capabilities)!)
        {
            if (name is "all" or "default")
            {
                held.UnionWith(name == "all" ? CapabilitySet.KnownNames.ToArray() : s_default);
                continue;
            }

            string upper = name.ToUpperInvariant(), full = upper.StartsWith("CAP_", StringComparison.Ordinal) ? upper : "CAP_" + upper;
            held.Add(CapabilitySet.KnownNames.ToArray().Contains(full)
                ? full
                : throw new CliException($"--cap '{name}' is no capability.{DidYouMean.Sentence(full, CapabilitySet.KnownNames.ToArray())}"));
        }

        if (parsed.GetValue(s_spec) is { } spec)
        {
            held.UnionWith(SpecFile.BoundingSet(spec));
        }

        return held;
    }
}
