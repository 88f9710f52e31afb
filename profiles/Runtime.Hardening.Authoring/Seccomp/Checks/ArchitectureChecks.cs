using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>What a profile leaves open on the second architecture of a machine: a 64-bit kernel also runs 32-bit programs, whose calls have other names and forms.</summary>
internal static class ArchitectureChecks
{
    public static void Run(ProfileDocument document, SeccompProfile meaning, LintReport report)
    {
        IReadOnlyList<string> names = document.Architectures;
        if (names.Count == 0)
        {
            report.Warning("no-architectures", document.Json.Place(),
                "There is no list of architectures, so the filter is for the native one alone and kills everything else; and runc below 1.2 then answers no new call with ENOSYS. Write the list.");
            return;
        }

        foreach (SeccompArchitecture architecture in SeccompModel.Of(meaning, SeccompRuntime.Crun).Blind)
        {
            report.Error("blind-filter", document.Json["syscalls"]!.Place(),
                $"libseccomp (2.5.0 and later) makes a filter of this that compares no number on {architecture.Name}: no rule is reached, and {meaning.Default} answers every call. It happens where every rule has conditions and one is for a call that {architecture.Name} does not have. Add a rule without conditions for a call that it has, or take the other one out.");
        }

        SeccompArchitecture[] listed = [.. names.Select(SyscallTable.Find).OfType<SeccompArchitecture>()];
        foreach (SeccompArchitecture architecture in listed)
        {
            if (architecture.HasMultiplexer)
            {
                Multiplexers(document, meaning, architecture, report);
            }

            if (!architecture.Is64Bit)
            {
                OtherNames(document, meaning, architecture, report);
            }
        }

        if (listed.FirstOrDefault(static a => !a.Is64Bit) is { } narrow)
        {
            WideConstants(document, narrow, report);
        }
    }

    // socket, whose argument 0 is compared, can be called by socketcall, whose argument 0 is the number of the operation: libseccomp lets it pass uncompared.
    private static void Multiplexers(ProfileDocument document, SeccompProfile meaning, SeccompArchitecture architecture, LintReport report)
    {
        foreach (IGrouping<string, string> calls in MultiplexedCall.All.GroupBy(static c => c.Value.Multiplexer, static c => c.Key))
        {
            string multiplexer = calls.Key;
            bool isNamed = meaning.Outcomes.TryGetValue(multiplexer, out SyscallOutcome own) && own.Unconditional is not null;
            if (isNamed && own.Unconditional!.Value.Action > SeccompAction.Log)
            {
                continue;   // it is denied as a whole
            }

            bool isOpen = Passes(meaning, multiplexer);
            string[] round =
            [
                .. calls.Where(call => SyscallTable.Number(architecture, call) is not null)   // send and recv have no number of their own there
                    .Where(call => isOpen ? !Passes(meaning, call) : meaning[call].Conditional.Any(static r => r.Result.Action <= SeccompAction.Log && r.Conditions.Any(static c => c.Index == 0)))
                    .Order(StringComparer.Ordinal),
            ];
            if (round.Length > 0)
            {
                string because = isOpen ? $"'{multiplexer}' passes, and it makes the same calls" : $"libseccomp lets '{multiplexer}' make them too, and drops conditions on argument 0 there";
                report.Warning("thirty-two-bit-hole", Where(document, isOpen ? multiplexer : round[0]),
                    $"On {architecture.Name} {string.Join(", ", round)} cannot be held back: {because}. Take {architecture.Name} out of the architectures, or let '{multiplexer}' answer ENOSYS (errnoRet 38).");
            }
        }
    }

    private static void OtherNames(ProfileDocument document, SeccompProfile meaning, SeccompArchitecture architecture, LintReport report)
    {
        foreach (string name in SyscallTable.Names.Where(n => SyscallTable.Number(architecture, n) is not null && !Passes(meaning, n)).Order(StringComparer.Ordinal))
        {
            foreach (string other in OtherName.Of(name).Where(o => SyscallTable.Number(architecture, o) is not null && SyscallTable.Number(SyscallTable.Architectures[0], o) is null && Passes(meaning, o)))
            {
                report.Warning("thirty-two-bit-hole", Where(document, other, name),
                    $"On {architecture.Name} '{other}' passes and does what '{name}' does, which does not ({Text(meaning[name])}). Treat both alike, or take {architecture.Name} out of the architectures.");
            }
        }
    }

    private static void WideConstants(ProfileDocument document, SeccompArchitecture architecture, LintReport report)
    {
        // 'valueTwo' counts inside the mask alone, so it has no bit that 'value' has not.
        foreach (ProfileRule rule in document.Rules.Where(static r => r.Conditions.Any(static c => c.Value > uint.MaxValue)))
        {
            report.Warning("wide-constant", rule.Json["args"]!.Place(),
                $"A value here needs more than 32 bits, and on {architecture.Name} only its lower half is compared. Take {architecture.Name} out of the architectures, or compare with a smaller value.");
        }
    }

    private static bool Passes(SeccompProfile meaning, string name) => meaning[name].Unconditional is { Action: <= SeccompAction.Log };

    private static string Text(SyscallOutcome outcome) => outcome.Unconditional is { } always ? $"{always}" : "on conditions only";

    private static SourceLocation Where(ProfileDocument document, params string[] names)
        => names.SelectMany(name => document.Rules.SelectMany(static r => r.Names).Where(n => n.Name == name)).Select(static n => n.Location)
            .FirstOrDefault(document.Json["architectures"]!.Place());
}
