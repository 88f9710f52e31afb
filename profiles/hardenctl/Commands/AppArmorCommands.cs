using System.CommandLine;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl apparmor</c>, and what its verbs share.</summary>
internal static class AppArmorCommands
{
    public static void Add(RootCommand root)
    {
        Command apparmor = new("apparmor", "Write AppArmor profiles out of descriptions, load them, and show which are in use") { CommonOptions.Config, CommonOptions.Output };
        apparmor.Subcommands.Add(AppArmorRenderCommand.Create());
        apparmor.Subcommands.Add(AppArmorLoadCommand.Create());
        apparmor.Subcommands.Add(AppArmorStatusCommand.Create());
        root.Subcommands.Add(apparmor);
    }

    /// <summary>The sound descriptions of the node's folders of profiles; those with errors are findings and left out.</summary>
    public static IReadOnlyList<AppArmorSource> Described(ParseResult parsed, NodeFiles node, LintReport report)
        => [.. node.Profiles(parsed).AppArmorDescriptions().Select(path => AppArmorSource.LoadNamed(path, report)).OfType<AppArmorSource>()];

    /// <summary>Every version of ours that this node has or needs.</summary>
    /// <exception cref="IOException">The kernel cannot be asked.</exception>
    public static IReadOnlyList<ProfileStatus> Status(ParseResult parsed, NodeFiles node, AppArmorHost host, AppArmorNeeds needs, LintReport report)
        => ProfileStatus.All(host, Described(parsed, node, report), needs, node.Store.CurrentGeneration()?.Name, node.Store.PreviousGeneration()?.Name, LoadedDigests.HostPath);
}
