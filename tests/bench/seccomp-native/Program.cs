using System.Diagnostics;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Bench;
using Runtime.Hardening.Profiles.Seccomp;

const double MostMicroseconds = 1000;
const long MostBytes = 256 * 1024;
if (args.Length != 1)
{
    Console.Error.WriteLine("usage: seccomp-bench REPOSITORY; run tests/bench/seccomp.sh");
    return 2;
}

var work = new Workload(args[0]);
bool over = false;
Console.WriteLine("| what | median, us | slowest of 400, us | garbage, KiB | budget |");
Console.WriteLine("|---|---|---|---|---|");
Measure("meet of two 400-call profiles", () => SeccompMeet.Of(work.A, work.B), bounded: true);
Measure("isTighter, yes: their meet against one of them", () => SeccompOrder.IsTighter(work.Meet, work.A), bounded: true);
Measure("isTighter, yes: their meet against the other", () => SeccompOrder.IsTighter(work.Meet, work.B), bounded: true);
Measure("isTighter, no: one against the other", () => SeccompOrder.IsTighter(work.A, work.B), bounded: true);
Measure("isTighter below runc, with its stub", () => SeccompOrder.IsTighter(work.Meet, work.A, SeccompRuntime.Runc), bounded: true);
Measure("union of the two", () => SeccompUnion.Of(work.A, work.B), bounded: false);
Measure("containerd's default met with restricted", () => SeccompMeet.Of(work.Engine, work.Restricted), bounded: true);
Measure("the same as a create does it: read both, meet, write", () => SeccompWriter.Write(SeccompMeet.Of(SeccompProfile.Parse(work.EngineJson, "a"), SeccompProfile.Parse(work.RestrictedJson, "b"))), bounded: false);
return over ? 1 : 0;

void Measure(string what, Func<object> act, bool bounded)
{
    const int runs = 400;
    for (int i = 0; i < 20; i++)
    {
        GC.KeepAlive(act());
    }

    double[] times = new double[runs];
    long before = GC.GetAllocatedBytesForCurrentThread();
    for (int i = 0; i < runs; i++)
    {
        long start = Stopwatch.GetTimestamp();
        GC.KeepAlive(act());
        times[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    long bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / runs;
    Array.Sort(times);
    bool bad = bounded && (times[runs / 2] > MostMicroseconds || bytes > MostBytes);
    over |= bad;
    Console.WriteLine(FormattableString.Invariant($"| {what} | {times[runs / 2]:F0} | {times[^1]:F0} | {bytes / 1024.0:F1} | {(bounded ? bad ? "**over** 1000 us, 256 KiB" : "1000 us, 256 KiB" : "-")} |"));
}
