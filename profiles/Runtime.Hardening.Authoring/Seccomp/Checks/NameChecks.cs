using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>Names that no architecture has, and entries without a name: runtimes ignore them without a word.</summary>
internal static class NameChecks
{
    public static void Run(ProfileDocument document, LintReport report)
    {
        foreach (ProfileRule rule in document.Rules)
        {
            if (rule.Json["names"] is JArray { Count: 0 } or { Type: JTokenType.Null })
            {
                report.Warning("empty-rule", rule.Location, "The entry names no system call and does nothing. Name one, or remove it.");
            }

            foreach (PlacedName name in rule.Names.Where(static n => !SyscallTable.Names.Contains(n.Name)))
            {
                string effect = !document.HasDefault ? "the entry does nothing" : rule.Result.Action > document.Default.Action ? $"the call that is meant stays {document.Default}" : "the call that is meant is not allowed by it";
                // What is only counted needs no suggestion, which costs a comparison with every name there is.
                string hint = report.Dropped > 0 ? "" : DidYouMean.Sentence(name.Name, SyscallTable.Names);
                report.Warning("unknown-syscall", name.Location, $"No architecture has a system call '{name.Name}'. Runtimes ignore it, so {effect}.{hint}");
            }
        }
    }
}
