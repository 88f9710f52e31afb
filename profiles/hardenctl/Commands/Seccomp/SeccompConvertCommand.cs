using System.CommandLine;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Kubernetes;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp convert</c>: the same profile in another format.</summary>
internal static class SeccompConvertCommand
{
    private static readonly Argument<string> s_profile = SeccompCommands.ProfileArgument();
    private static readonly Option<string> s_to = CreateTo();
    private static readonly Option<string?> s_name = new("--name") { Description = "The name of the Kubernetes resource; default: the file's", HelpName = "NAME" };
    private static readonly Option<string> s_version = CreateVersion();

    public static Command Create()
    {
        Command convert = new ExampleCommand("convert", "Write a profile as OCI JSON, in Docker's format, or as the resource SeccompProfile of the security-profiles-operator. What the other format cannot say is an error",
            "hardenctl seccomp convert web.json --to kubernetes --name web | kubectl apply -f -", "hardenctl seccomp convert profile.yaml --to oci > profile.json",
            "hardenctl seccomp convert web.json --to docker > docker.json")
        {
            s_profile, s_to, s_name, s_version,
        };
        convert.Run(Run);
        return convert;
    }

    private static CliExit Run(ParseResult parsed)
    {
        string path = parsed.GetValue(s_profile)!;
        ProfileFormat format = parsed.GetValue(s_to) switch { "docker" => ProfileFormat.Docker, "kubernetes" => ProfileFormat.Kubernetes, _ => ProfileFormat.Oci };
        string name = parsed.GetValue(s_name) ?? Path.GetFileNameWithoutExtension(path);
        if (format == ProfileFormat.Kubernetes && !KubernetesProfile.IsName(name))
        {
            throw new CliException($"'{name}' cannot be the name of a Kubernetes resource (lower-case letters, digits, '-' and '.'). Give one with --name.");
        }

        ProfileDocument profile = SeccompCommands.Read(parsed, path);
        LintReport report = new();
        string text = ProfileConverter.Write(profile, format, name, parsed.GetValue(s_version)!, report);
        SeccompCommands.Refuse(parsed, path, report);
        Printer.Out(parsed).Write(text);
        return CliExit.Fine;
    }

    private static Option<string> CreateTo()
    {
        Option<string> to = new("--to") { Description = "The wanted format", HelpName = "oci|docker|kubernetes", Required = true };
        to.AcceptOnlyFromAmong("oci", "docker", "kubernetes");
        return to;
    }

    private static Option<string> CreateVersion()
    {
        Option<string> version = new("--api-version")
        {
            Description = "The version of the Kubernetes resource",
            HelpName = string.Join('|', KubernetesProfile.Versions),
            DefaultValueFactory = _ => KubernetesProfile.Versions[0],
        };
        version.AcceptOnlyFromAmong([.. KubernetesProfile.Versions]);
        return version;
    }
}
