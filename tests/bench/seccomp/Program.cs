using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Runtime.Hardening.Bench;

if (Environment.GetEnvironmentVariable("HARDENING_REPOSITORY") is null)
{
    Console.Error.WriteLine("Run tests/bench/seccomp.sh, which says where the profiles are.");
    return 2;
}

// In this process: a build in a folder of its own would not find the versions that the repository pins.
IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
Summary summary = BenchmarkRunner.Run<SeccompBenchmarks>(config, args);
// What could not be measured is missing in the table, which nobody would notice.
return summary.HasCriticalValidationErrors || summary.Reports.Length == 0 || summary.Reports.Any(static report => !report.Success) ? 1 : 0;
