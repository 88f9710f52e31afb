using System.CommandLine;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Seccomp.Artifacts;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp push</c> and <c>pull</c>: profiles as OCI artifacts in a folder, which any registry tool copies on.</summary>
internal static class SeccompArtifactCommands
{
    private static readonly Argument<string> s_profile = new("PROFILE") { Description = "A profile as OCI JSON, whose bytes are kept as they are; '-' is the standard input" };
    private static readonly Argument<string> s_layout = new("LAYOUT") { Description = "The folder: an OCI image layout (oci-layout, index.json, blobs)" };
    private static readonly Option<string?> s_tag = CreateTag();
    private static readonly Option<string?> s_digest = CreateDigest();

    public static Command CreatePush()
    {
        Command push = new ExampleCommand("push", "Put a profile into an OCI image layout, and print the digest of its manifest",
            "hardenctl seccomp push web.json ./profiles.oci --tag web-1", "hardenctl seccomp push web.json ./layout --tag v1; skopeo copy oci:./layout:v1 docker://registry.example.org/profiles/web:v1")
        {
            s_profile, s_layout, s_tag,
        };
        push.Run(Push);
        return push;
    }

    public static Command CreatePull()
    {
        Command pull = new ExampleCommand("pull", "Print a profile that is in an OCI image layout, after comparing every byte with its digest",
            "hardenctl seccomp pull ./profiles.oci --tag web-1 > web.json", "hardenctl seccomp pull ./profiles.oci --digest sha256:... > web.json")
        {
            s_layout, s_tag, s_digest,
        };
        pull.Validators.Add(static result =>
        {
            if ((result.GetValue(s_tag) is null) == (result.GetValue(s_digest) is null))
            {
                result.AddError("Say which profile: either --tag or --digest.");
            }
        });
        pull.Run(Pull);
        return pull;
    }

    private static CliExit Push(ParseResult parsed)
    {
        string path = parsed.GetValue(s_profile)!;
        LintReport report = new();
        (ProfileDocument Document, byte[] Bytes)? read = ProfileDocument.LoadBytes(path, report);
        if (read is { } profile && !report.HasErrors)
        {
            SeccompChecks.Run(profile.Document, SeccompUse.Runtime, report);
        }

        SeccompCommands.Refuse(parsed, path, report);
        foreach (string warning in ArtifactLimits.Check(read!.Value.Document, read.Value.Bytes.Length))
        {
            Printer.Say(parsed).WriteLine($"{path}: {warning}");
        }

        LintReport layout = new();
        string? digest = ProfileArtifacts.Push(parsed.GetValue(s_layout)!, read.Value.Bytes, parsed.GetValue(s_tag), layout);
        SeccompCommands.Refuse(parsed, parsed.GetValue(s_layout)!, layout);
        Printer.Out(parsed).WriteLine(digest);
        return CliExit.Fine;
    }

    private static CliExit Pull(ParseResult parsed)
    {
        string folder = parsed.GetValue(s_layout)!;
        LintReport report = new();
        byte[]? bytes = ProfileArtifacts.Pull(folder, parsed.GetValue(s_tag), parsed.GetValue(s_digest), report);
        if (bytes is not null)
        {
            ProfileDocument.Parse("the profile in the layout", bytes, ProfileDialect.Oci, report);
        }

        SeccompCommands.Refuse(parsed, folder, report);
        StandardStreams.Output.Write(bytes);   // bytes, not text: they are what the digest is of
        return CliExit.Fine;
    }

    private static Option<string?> CreateTag()
    {
        Option<string?> tag = new("--tag") { Description = "A tag in the layout (letters, digits, '_', '.', '-')", HelpName = "TAG" };
        tag.Validators.Add(static result =>
        {
            if (result.Tokens is [{ } token] && !ArtifactLimits.IsTag(token.Value))
            {
                result.AddError($"--tag '{token.Value}': expected up to 128 letters, digits, '_', '.' and '-', the first a letter, a digit or '_'.");
            }
        });
        return tag;
    }

    private static Option<string?> CreateDigest()
    {
        Option<string?> digest = new("--digest") { Description = "The digest of a manifest, as 'push' printed it", HelpName = "sha256:HEX" };
        digest.Validators.Add(static result =>
        {
            if (result.Tokens is [{ } token] && !ArtifactLimits.IsDigest(token.Value))
            {
                result.AddError($"--digest '{token.Value}': expected sha256: and 64 lower-case hex digits.");
            }
        });
        return digest;
    }
}
