using System.Globalization;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Seccomp.Recording;

/// <summary>Collects what a reader of recordings finds.</summary>
internal sealed class RecordedCalls(string file, LintReport report)
{
    private readonly SortedDictionary<string, ulong> _counts = new(StringComparer.Ordinal);

    public string File => file;

    public LintReport Report => report;

    public IReadOnlyDictionary<string, ulong> Counts => _counts;

    /// <summary>What numbers mean, until a header says otherwise.</summary>
    public SeccompArchitecture Architecture { get; set; } = SyscallTable.Native;

    /// <summary>Counts a call by its name, or by its number in decimal digits.</summary>
    public void Add(string call, ulong count, SourceLocation place)
    {
        string? name = call;
        if (int.TryParse(call, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            name = SyscallTable.Name(Architecture, number);
            if (name is null)
            {
                report.Error("unknown-syscall", place, $"{Architecture} has no system call {number}. Name the architecture on which it was recorded, or write the call's name.");
                return;
            }
        }
        else if (!SyscallTable.Names.Contains(call))
        {
            report.Error("unknown-syscall", place, $"No architecture has a system call '{Shorten(call)}'.{DidYouMean.Sentence(call, SyscallTable.Names)}");
            return;
        }

        ulong before = _counts.GetValueOrDefault(name);
        _counts[name] = ulong.MaxValue - before < count ? ulong.MaxValue : before + Math.Max(1, count);
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "...");
}
