using System.Text;
using System.Text.RegularExpressions;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>The default profile of an engine that is installed here, cut out of the engine's own program: its real text, not a copy that grows old.</summary>
internal static partial class EngineTemplate
{
    private const string Mark = "profile {{.Name}} flags=(attach_disconnected,mediate_deleted) {";

    /// <summary>The text as the engine would load it, or null where the engine is not installed.</summary>
    public static string? Of(string program)
    {
        if (!File.Exists(program))
        {
            return null;
        }

        string all = Encoding.Latin1.GetString(File.ReadAllBytes(program));
        int begin = all.IndexOf(Mark, StringComparison.Ordinal);
        Assert.True(begin > 0, $"{program} has no such template any more: '{Mark}'");
        int end = all.IndexOf("\n}\n", begin, StringComparison.Ordinal);
        string text = all[begin..(end + 3)].Replace("{{.Name}}", "engine-default", StringComparison.Ordinal).Replace("{{.DaemonProfile}}", "unconfined", StringComparison.Ordinal);
        // Every condition asks for a parser that is as old as can be; ranges are includes, which the engines give only for files that are there.
        text = Ranges().Replace(text, "");
        text = Conditions().Replace(text, "");
        Assert.DoesNotContain("{{", text, StringComparison.Ordinal);
        return "@{PROC}=/proc/\n" + text;
    }

    [GeneratedRegex(@"\{\{range[^}]*\}\}.*?\{\{end\}\}", RegexOptions.Singleline)]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\{\{(if ge [^}]*|end)\}\}")]
    private static partial Regex Conditions();
}
