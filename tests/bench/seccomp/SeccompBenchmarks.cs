using BenchmarkDotNet.Attributes;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Bench;

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
