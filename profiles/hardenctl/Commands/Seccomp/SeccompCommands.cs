using System.CommandLine;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Cli.Commands.Seccomp;

/// <summary><c>hardenctl seccomp</c>, and what its verbs share.</summary>
internal static class SeccompCommands
{
    public const string ProfileHelp = "A profile as OCI JSON, Docker's format without conditions (else: resolve) or a SeccompProfile resource; '-' is the standard input";

    public static void Add(RootCommand root)
    {
        Command seccomp = new("seccomp", "Check, try, compare, combine, shrink and convert seccomp profiles. A profile that is made goes to stdout, words about it to stderr") { CommonOptions.Output };
        seccomp.Subcommands.Add(SeccompLintCommand.Create());
        seccomp.Subcommands.Add(SeccompEvalCommand.Create());
        seccomp.Subcommands.Add(SeccompCompareCommand.Create());
        seccomp.Subcommands.Add(SeccompCombineCommand.CreateMerge());
        seccomp.Subcommands.Add(SeccompCombineCommand.CreateMeet());
        seccomp.Subcommands.Add(SeccompShrinkCommand.Create());
        seccomp.Subcommands.Add(SeccompResolveCommand.Create());
        seccomp.Subcommands.Add(SeccompConvertCommand.Create());
        seccomp.Subcommands.Add(SeccompArtifactCommands.CreatePush());
        seccomp.Subcommands.Add(SeccompArtifactCommands.CreatePull());
        root.Subcommands.Add(seccomp);
    }

    /// <summary>Reads a profile of any format in the OCI form.</summary>
    /// <exception cref="CliException">It has errors, which have been written to stderr.</exception>
    public static ProfileDocument Read(ParseResult parsed, string path)
    {
        LintReport report = new();
        ProfileDocument? profile = ProfileConverter.Read(path, report);
        Refuse(parsed, path, report);
        return profile!;
    }

    /// <summary>Writes findings to stderr, and ends the command where one is an error.</summary>
    public static void Refuse(ParseResult parsed, string path, LintReport report)
    {
        Printer.Findings(Printer.Say(parsed), report);
        if (report.HasErrors)
        {
            throw new CliException($"'{path}' cannot be used: {PolicyCommands.Count(report.ErrorCount, "error")}. Nothing was written.");
        }
    }

    public static Argument<string> ProfileArgument() => new("PROFILE") { Description = ProfileHelp };

    /// <summary>Writes a profile, which ends with a line break of its own.</summary>
    public static void Write(ParseResult parsed, JObject profile) => Printer.Out(parsed).Write(ProfileConverter.ToText(profile));
}
