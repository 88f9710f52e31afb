using System.Text;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>The gate compares what policies manage, and nothing else.</summary>
public sealed class SpecGateTests
{
    private const string Hardened = """
        {"process":{"user":{"uid":0},"noNewPrivileges":true,"apparmorProfile":"ours","capabilities":{"bounding":["CAP_CHOWN","CAP_KILL"],"effective":["CAP_CHOWN"]},
         "rlimits":[{"type":"RLIMIT_NOFILE","soft":100,"hard":200}]},"root":{"path":"r","readonly":true},"mounts":[],
         "linux":{"maskedPaths":["/proc/kcore","/proc/keys"],"readonlyPaths":["/proc/sys"],"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"}]}}}
        """;

    [Theory]
    [InlineData("\"mounts\":[]", "\"mounts\":[{\"destination\":\"/x\",\"source\":\"/y\"}],\"hooks\":{\"prestart\":[{\"path\":\"/bin/nvidia\"}]}")]
    [InlineData("\"linux\":{", "\"linux\":{\"devices\":[{\"path\":\"/dev/nvidia0\"}],")]
    [InlineData("{\"process\":{", "{\"new\":1,\"process\":{\"env\":[\"A=b\"],")]
    [InlineData("\"CAP_CHOWN\",\"CAP_KILL\"", "\"CAP_KILL\"")]
    [InlineData("\"effective\":[\"CAP_CHOWN\"]", "\"effective\":null")]
    [InlineData("\"soft\":100,\"hard\":200", "\"hard\":150,\"soft\":1")]
    [InlineData("[{\"type\":\"RLIMIT_NOFILE\"", "[{\"type\":\"RLIMIT_CORE\",\"soft\":9,\"hard\":9},{\"type\":\"RLIMIT_NOFILE\"")]
    [InlineData("\"readonlyPaths\":[\"/proc/sys\"]", "\"readonlyPaths\":[\"/x\",\"/proc/sys\"]")]
    [InlineData("\"/proc/keys\"],\"readonlyPaths\":[\"/proc/sys\"]", "\"/proc/sys\",\"/proc/keys\"]")]
    [InlineData("{\"defaultAction\":\"SCMP_ACT_ERRNO\",", "{ \"architectures\" : [], \"defaultAction\" : \"SCMP_ACT\\u005fERRNO\",")]
    [InlineData("\"path\":\"r\"", "\"path\":\"other\"")]
    [InlineData("\"mounts\":[]", "\"annotations\":{\"a\":\"b\",\"run.oci.handler\":\"wasm\",\"run.oci.delegate-cgroup\":\"c\"}")]
    [InlineData("\"user\":", "\"cwd\":\"/srv\",\"user\":")]
    [InlineData("\"CAP_CHOWN\",\"CAP_KILL\"", "\"cap_kill\",\"0\"")]
    public void WhatAnotherWrapperMayDoPasses(string before, string after) => Assert.Empty(Loosened(before, after));

    [Theory]
    [InlineData("\"CAP_KILL\"]", "\"CAP_KILL\",\"CAP_SYS_ADMIN\",\"CAP_BPF\"]", "process.capabilities.bounding has gained CAP_SYS_ADMIN, CAP_BPF")]
    [InlineData("\"effective\"", "\"ambient\":[\"CAP_CHOWN\"],\"effective\"", "process.capabilities.ambient has gained CAP_CHOWN")]
    [InlineData("\"noNewPrivileges\":true", "\"noNewPrivileges\":false", "process.noNewPrivileges is no longer true")]
    [InlineData("\"noNewPrivileges\":true,", "", "process.noNewPrivileges is no longer true")]
    [InlineData("\"apparmorProfile\":\"ours\",", "", "process.apparmorProfile is '' instead of 'ours'")]
    [InlineData("\"ours\"", "\"unconfined\"", "process.apparmorProfile is 'unconfined' instead of 'ours'")]
    [InlineData("\"hard\":200", "\"hard\":201", "process.rlimits has RLIMIT_NOFILE raised from 100/200 to 100/201")]
    [InlineData("RLIMIT_NOFILE", "RLIMIT_NPROC", "process.rlimits has lost RLIMIT_NOFILE")]
    [InlineData("\"hard\":200}", "\"hard\":200},{\"type\":\"RLIMIT_NOFILE\",\"soft\":999,\"hard\":999}", "process.rlimits has RLIMIT_NOFILE raised from 100/200 to 999/999")]
    [InlineData("\"/proc/kcore\",", "", "linux.maskedPaths has lost /proc/kcore")]
    [InlineData("\"readonlyPaths\":[\"/proc/sys\"],", "", "linux.readonlyPaths has lost /proc/sys")]
    [InlineData("\"readonly\":true", "\"readonly\":false", "root.readonly is no longer true")]
    [InlineData("[\"read\"]", "[\"read\",\"mount\"]", "linux.seccomp is another profile")]
    [InlineData("\"seccomp\":", "\"otherwise\":", "linux.seccomp is gone")]
    [InlineData("\"mounts\":[]", "\"annotations\":{\"run.oci.seccomp_bpf_data\":\"x\",\"a\":\"b\",\"run.oci.keep_original_groups\":\"1\"}", "annotations has gained run.oci.seccomp_bpf_data, run.oci.keep_original_groups")]
    [InlineData("\"mounts\":[]", "\"annotations\":{\"run.oci.handler\":\"krun\"}", "annotations has gained run.oci.handler")]
    [InlineData("\"user\":", "\"cwd\":\"/proc/self/fd/7\",\"user\":", "process.cwd is '/proc/self/fd/7', which leads through what a process holds open")]
    [InlineData("CAP_KILL\"]", "CAP_KILL\",\"cap_sys_admin\"]", "process.capabilities.bounding has gained CAP_SYS_ADMIN")]
    [InlineData("CAP_KILL\"]", "CAP_KILL\",\"21\"]", "process.capabilities.bounding has gained CAP_SYS_ADMIN")]
    [InlineData("CAP_KILL\"]", "CAP_KILL\",\"41\"]", "process.capabilities.bounding has gained 0000020000000000")]
    public void WhatLoosensAManagedFieldIsNamed(string before, string after, string expected) => Assert.Equal([expected], Loosened(before, after));

    [Fact]
    public void ARecordWithoutConfinementHoldsTheCeilingAlone()
    {
        ContainerSpec open = ContainerSpec.Parse("""{"process":{"noNewPrivileges":true},"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW"}}}"""u8.ToArray());
        Assert.Empty(SpecGate.Loosened(open, new Ceiling { NoNewPrivileges = true, Seccomp = true }, confinement: null));
        Assert.Single(SpecGate.Loosened(ContainerSpec.Parse("{}"u8.ToArray()), new Ceiling { Seccomp = true }, confinement: null));
    }

    [Theory]
    [InlineData("""{"linux":{"resources":{"pids":{"limit":10}}}}""", 0)]
    [InlineData("""{"linux":{"resources":{"pids":{"limit":5}}}}""", 0)]
    [InlineData("""{"linux":{"resources":{"pids":{"limit":11}}}}""", 1)]
    [InlineData("""{"linux":{"resources":{"pids":{"limit":10},"unified":{"pids.max":"max"}}}}""", 1)]
    [InlineData("""{"linux":{}}""", 1)]
    [InlineData("{}", 1)]
    public void BoundsOfResourcesHoldToo(string json, int raised)
        => Assert.Equal(raised, SpecGate.Loosened(Parse(json), new Ceiling { Resources = new ResourceBounds(10, null, null) }, confinement: null).Count);

    private static IReadOnlyList<string> Loosened(string before, string after)
    {
        Assert.Contains(before, Hardened, StringComparison.Ordinal);
        ContainerSpec hardened = Parse(Hardened);
        return SpecGate.Loosened(Parse(Hardened.Replace(before, after, StringComparison.Ordinal)), ExecHardening.CeilingOf(hardened), SpecGate.ConfinementOf(hardened));
    }

    private static ContainerSpec Parse(string json) => ContainerSpec.Parse(Encoding.UTF8.GetBytes(json));
}
