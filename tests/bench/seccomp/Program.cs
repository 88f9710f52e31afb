using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Bench;
using Runtime.Hardening.Profiles.Seccomp;

if (Environment.GetEnvironmentVariable("HARDENING_REPOSITORY") is null)
{
    Console.Error.WriteLine("Run tests/bench/seccomp.sh, which says where the profiles are.");
    return 2;
}

// In this process: a build in a folder of its own would not find the versions that the repository pins.
IConfig config = DefaultConfig.Instance.AddJob(BenchmarkDotNet.Jobs.Job.ShortRun.WithToolchain(BenchmarkDotNet.Toolchains.InProcess.Emit.InProcessEmitToolchain.Default));
BenchmarkRunner.Run<SeccompBenchmarks>(config, args);
return 0;

/// <summary>What the hook does at a create, and what the authoring tool does to prove it.</summary>
[MemoryDiagnoser]
public class SeccompBenchmarks
{
    private readonly Workload _work = new(Environment.GetEnvironmentVariable("HARDENING_REPOSITORY")!);

    [Benchmark]
    public SeccompProfile MeetOfTwo400CallProfiles() => SeccompMeet.Of(_work.A, _work.B);

    [Benchmark]
    public Tightness IsTighterForTwo400CallProfiles() => SeccompOrder.IsTighter(_work.Meet, _work.A);

    [Benchmark]
    public SeccompProfile UnionOfTwo400CallProfiles() => SeccompUnion.Of(_work.A, _work.B);

    [Benchmark]
    public byte[] WhatACreateDoes() => SeccompWriter.Write(SeccompMeet.Of(SeccompProfile.Parse(_work.EngineJson, "a"), SeccompProfile.Parse(_work.RestrictedJson, "b")));
}
