using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Verification;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Collector.Tests.Verification;

public sealed class VerifierTests : IDisposable
{
    private static readonly ContainerIdentity s_container = new("ns", "c1", "i", "/run/containerd/runc/ns", []);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_process_within_its_ceiling_is_verified_and_no_more_is_said_than_was_read()
    {
        Process("0000000000000400", nnp: 1, seccomp: 2);
        Record("/run/containerd/runc/ns");
        VerificationResult result = Verify();
        Assert.Equal(Verdict.Verified, result.Verdict);
        Assert.Contains("seccomp: present, 2 filters", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_looser_field_is_named()
    {
        Process("0000000000200400", nnp: 0, seccomp: 0, label: "unconfined\n");
        Record("/run/containerd/runc/ns", appArmor: "hardened");
        VerificationResult result = Verify();
        Assert.Equal(Verdict.Mismatch, result.Verdict);
        Assert.Equal(6, result.Differences.Count);
        Assert.Contains("capabilities.bounding: beyond the record by CAP_SYS_ADMIN", result.Differences);
        Assert.Contains("apparmor: expected 'hardened', found 'unconfined'", result.Differences);
    }

    [Theory]
    [InlineData("hardened", "hardened (enforce)", Verdict.Verified)]
    [InlineData("hardened", "hardened (kill)", Verdict.Verified)]
    [InlineData("own//&hardened", "hardened//&own (enforce)", Verdict.Verified)]
    [InlineData("hardened", "hardened//&own (enforce)", Verdict.Verified)]
    [InlineData("own//&hardened", "own (enforce)", Verdict.Mismatch)]
    [InlineData("own//&hardened", "hardened//&own (mixed)", Verdict.Mismatch)]
    [InlineData("hardened", "hardened (complain)", Verdict.Mismatch)]
    [InlineData("hardened", "hardened (unconfined)", Verdict.Mismatch)]
    [InlineData("hardened", "hardened//child (enforce)", Verdict.Mismatch)]
    [InlineData("hardened", "unconfined", Verdict.Mismatch)]
    [InlineData("unconfined", "unconfined", Verdict.Verified)]
    public void A_label_confines_when_it_has_every_profile_of_the_record_and_enforces_it(string recorded, string label, object verdict)
    {
        Process("0000000000000000", nnp: 1, seccomp: 2, label: label + "\n");
        Record("/run/containerd/runc/ns", appArmor: recorded);
        VerificationResult result = Verify();
        Assert.Equal(verdict, result.Verdict);
        Assert.Contains(label, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_record_it_went_round_us()
    {
        Process("000001ffffffffff", nnp: 0, seccomp: 0);
        Assert.Equal(Verdict.Unmanaged, Verify().Verdict);
    }

    [Fact]
    public void A_record_under_another_root_of_the_same_namespace_is_found()
    {
        Process("0000000000000400", nnp: 1, seccomp: 2);
        Record("/elsewhere/ns");
        Assert.Equal(Verdict.Verified, Verify().Verdict);
    }

    [Fact]
    public void A_record_of_another_namespace_is_another_container_s()
    {
        Process("0000000000000400", nnp: 1, seccomp: 2);
        Record("/run/containerd/runc/other");
        Assert.Equal(Verdict.Unmanaged, Verify().Verdict);
    }

    [Fact]
    public void A_damaged_record_verifies_nothing()
    {
        Process("0000000000000400", nnp: 1, seccomp: 2);
        _folder.Write("records/" + RecordKey.FileName(s_container.RuntimeRoot, "c1"), "{");
        Assert.Equal(Verdict.Unverified, Verify().Verdict);
    }

    [Fact]
    public async Task A_process_that_is_gone_is_said_so()
    {
        VerificationResult result = await Make().VerifyAsync(s_container, 7, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Unverified, result.Verdict);
        Assert.Contains("gone", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_runtime_s_own_process_is_waited_for()
    {
        Process("0000000000000400", nnp: 1, seccomp: 2, commandLine: "runc\0init\0");
        Record("/run/containerd/runc/ns");
        Task<VerificationResult> waiting = Make().VerifyAsync(s_container, 7, TestContext.Current.CancellationToken);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        _folder.Write("proc/7/cmdline", "/bin/sleep\0" + "1\0");
        Assert.Equal(Verdict.Verified, (await waiting).Verdict);
    }

    private Verifier Make() => new(new ProcessReader(Path.Combine(_folder.Path, "proc")), new RecordFinder(Path.Combine(_folder.Path, "records")));

    private VerificationResult Verify() => Make().Compare(s_container, 7);

    private void Process(string capabilities, int nnp, int seccomp, string? label = null, string commandLine = "/bin/sleep\0")
    {
        _folder.Write("proc/7/status", $"Name:\tsleep\nCapInh:\t0000000000000000\nCapPrm:\t{capabilities}\nCapEff:\t{capabilities}\nCapBnd:\t{capabilities}\nCapAmb:\t0000000000000000\n" +
            $"NoNewPrivs:\t{nnp}\nSeccomp:\t{seccomp}\nSeccomp_filters:\t2\n");
        _folder.Write("proc/7/cmdline", commandLine);
        if (label is not null)
        {
            _folder.Write("proc/7/attr/apparmor/current", label);
        }
    }

    private void Record(string root, string appArmor = "")
    {
        Assert.True(CapabilitySet.TryParse("CAP_NET_BIND_SERVICE", out CapabilitySet bind));
        var record = new ContainerRecord
        {
            Id = "c1", Root = root, Bundle = "/b", Decision = "allow",
            Ceiling = new Ceiling { Capabilities = [bind, default, default, default, default], NoNewPrivileges = true, Seccomp = true, AppArmorProfile = appArmor },
        };
        _folder.Write("records/" + RecordKey.FileName(root, "c1"), System.Text.Encoding.UTF8.GetString(record.Write()));
    }
}
