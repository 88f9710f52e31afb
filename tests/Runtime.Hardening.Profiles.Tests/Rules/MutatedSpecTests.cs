using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Rules;
using Runtime.Hardening.Profiles.Spec;
using Runtime.Hardening.Profiles.Tests.Inputs;
using Runtime.Hardening.Profiles.Tests.Seccomp;

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>
/// A fuzzer: specs that engines really wrote, and made-up ones, with bytes changed at random. Whatever comes of them is a refusal with a sentence, or a spec
/// that holds all that the policy asks. HARDENING_FUZZ_CASES names another number of cases.
/// </summary>
public sealed class MutatedSpecTests
{
    private const int CasesInEveryRun = 200_000;

    private static readonly byte[][] s_real = [.. Directory.GetFiles(Path.Combine(Repository.Root, "tests/Fixtures/bundles"), "*.json", SearchOption.AllDirectories)
        .Where(static file => Path.GetFileName(file) != "process.json").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    private static readonly byte[] s_realProcess = File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Fixtures/bundles/containerd-1.6-seccomp/process.json"));

    // What a mutation puts in: pieces of grammar, our own keys in every disguise, numbers at the edges.
    private static readonly byte[][] s_pieces = [.. new[]
    {
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "0", "-1", "1e999", "18446744073709551616", "\"\"", "{}", "[]", "\\u0000", "\\ud800", "\u017f", " ",
        "\"noNewPrivileges\":false,", "\"NoNewPrivileges\":false,", "\"capabilities\":null,", "\"process\":{},", "\"linux\":{},", "\"maskedPaths\":[],", "\"rlimits\":[],",
        "\"annotations\":{\"run.oci.handler\":\"krun\"},", "\"cwd\":\"/proc/self/fd/7\",", "\"bounding\":[\"CAP_SYS_ADMIN\"],", "\"apparmorProfile\":\"unconfined\",", "\"root\":null,",
        "\"\\u006eoNewPrivileges\":false,", "\ufeff", "\"seccomp\":null,", "\"Seccomp\":{},", "\"resources\":{},", "\"pids\":{\"limit\":-1},", "\"Limit\":-1,", "\"limit\":0,", "\"unified\":{\"pids.max\":\"max\"},",
        "\"pids.max\":\"max\",", "\"memory\":null,", "\"bounding\":[\"cap_sys_admin\",\"21\"],", "\"defaultAction\":\"SCMP_ACT_ALLOW\",", "\"action\":\"SCMP_ACT_ALLOW\",",
    }.Select(Encoding.UTF8.GetBytes)];

    private static readonly Policy s_policy = new()
    {
        Name = "p", NoNewPrivileges = true, KeepCapabilities = CapabilitySet.None, ReadOnlyRootFilesystem = true, MaskPaths = ["/proc/kcore"], ReadOnlyPaths = ["/proc/sys"],
        Rlimits = [new Rlimit("RLIMIT_NOFILE", 64, 128)],
    };

    private const string SeccompFile = "filter.json";

    private static readonly Given.Profiles s_profiles = new((SeccompFile, """{"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"syscalls":[{"names":["read","write","execve","exit_group"],"action":"SCMP_ACT_ALLOW"}]}"""u8.ToArray()));

    private static readonly ResourceBounds s_bounds = new(64, 64 << 20, 500);

    // What the first leaves out, because a spec that cannot be met is refused more often with it.
    private static readonly Policy s_confined = new()
    {
        Name = "q", Seccomp = new SeccompDemand("filter", SeccompFile, 0), Resources = s_bounds, KeepCapabilities = CapabilitySet.None,
    };

    private static readonly HostFacts s_host = new("/nonexistent/enabled", "/nonexistent/profiles");

    [Fact]
    public void NoMutationCrashesOrComesOutWeaker()
        => Judge(1, static random => IsHardened(Mutated(random, Spec(random))));

    [Fact]
    public void NoMutationComesOutWiderThanAFilterAndBounds()
        => Judge(4, static random => IsConfined(Mutated(random, Spec(random))));

    [Fact]
    public void NoMutationOfAProcessThatJoinsGetsMoreThanItsContainer()
        => Judge(4, static random => IsHeld(Mutated(random, random.Next(4) == 0 ? s_realProcess : Encoding.UTF8.GetBytes(new SpecMaker(random).Process()))));

    [Fact]
    public void NoMutationOfAnUpdateLiftsABound()
        => Judge(4, static random => IsWithinBounds(Mutated(random, Encoding.UTF8.GetBytes(new SpecMaker(random).Resources()))));

    // A case is hardened (true) or refused; a test in which nearly all are the one or the other proves little.
    private static void Judge(int share, Func<System.Random, bool> isHardened)
    {
        int refused = 0, hardened = 0;
        int cases = (int.TryParse(Environment.GetEnvironmentVariable("HARDENING_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : CasesInEveryRun) / share;
        Gen.UInt.Sample(
            seed =>
            {
                try
                {
                    if (isHardened(new System.Random((int)(seed >> 1))))
                    {
                        Interlocked.Increment(ref hardened);
                    }
                }
                catch (HardeningFormatException e)
                {
                    Assert.NotEqual("", e.Message);
                    Interlocked.Increment(ref refused);
                }
            },
            iter: cases);
        TestContext.Current.TestOutputHelper?.WriteLine($"{cases} cases: {hardened} hardened, {refused} refused");
        Assert.True(hardened > cases / 20 && refused > cases / 20, $"of {cases} cases {hardened} were hardened and {refused} refused: the mutations are all too harsh, or none is");
    }

    private static bool IsConfined(byte[] bytes)
    {
        ContainerSpec spec = ContainerSpec.Parse(bytes);
        PolicyDecision decision = PolicyEngine.Decide(spec, FactsReader.Read(spec, ""), s_host, [s_confined], s_profiles);
        if (decision.Outcome == DecisionOutcome.Refuse)
        {
            throw new HardeningFormatException(decision.Message);
        }

        byte[] output = SpecEditor.Apply(spec, decision.Edits).Bytes;
        ContainerSpec result = ContainerSpec.Parse(output);
        if (!result.Has(SpecPath.Linux))
        {
            return false;   // not a container of Linux: nothing of it confines anything
        }

        Assert.True(result.Has(SpecPath.Seccomp));
        SeccompModel filter = SeccompModel.Parse(result.RawMemory(SpecPath.Seccomp));
        if (!filter.IsContradictory)   // libseccomp starts no container with one
        {
            Calls.AssertNeverWeaker(filter, SeccompModel.Parse(s_profiles.Read(s_confined.Seccomp!)), new System.Random(bytes.Length), static () => "the policy's filter");
        }

        ResourceModel.AssertWithin(s_bounds, result);
        Ceiling ceiling = ExecHardening.CeilingOf(result) with { Resources = decision.Resources };
        Assert.All(ceiling.Capabilities, static set => Assert.Equal(CapabilitySet.None, set));
        // What the gate would find is what create leaves.
        Assert.Empty(SpecGate.Loosened(result, ceiling, SpecGate.ConfinementOf(result)));
        return true;
    }

    private static bool IsHeld(byte[] bytes)
    {
        var ceiling = new Ceiling { NoNewPrivileges = true, AppArmorProfile = "ours", Rlimits = [new Rlimit("RLIMIT_NOFILE", 64, 128)] };
        ContainerSpec process = ContainerSpec.ParseProcess(bytes);
        EditList edits = ExecHardening.Edits(process, ceiling, "p", static type => new Rlimit(type, 1_000_000, 1_000_000));
        ContainerSpec result = ContainerSpec.ParseProcess(SpecEditor.Apply(process, edits).Bytes);
        Assert.True(result.Flag(SpecPath.NoNewPrivileges));
        Assert.Equal("ours", result.Text(SpecPath.AppArmorProfile));
        for (SpecPath set = SpecPath.CapabilitiesBounding; set <= SpecPath.CapabilitiesAmbient; set++)
        {
            Assert.Equal(CapabilitySet.None, result.CapabilitySet(set));
        }

        Assert.Contains(result.Rlimits(), static limit => limit.Type == "RLIMIT_NOFILE");
        Assert.All(result.Rlimits().Where(static limit => limit.Type == "RLIMIT_NOFILE"), static limit => Assert.True(limit is { Soft: <= 64, Hard: <= 128 }));
        Assert.False(WorkingDirectoryRule.LeadsOut(result.Text(SpecPath.WorkingDirectory) ?? "/"));
        return true;
    }

    // In an update a limit that is 0 or absent leaves what the container has; a negative one lifts it.
    private static bool IsWithinBounds(byte[] bytes)
    {
        ContainerSpec resources = ContainerSpec.ParseResources(bytes);
        ContainerSpec result = ContainerSpec.ParseResources(SpecEditor.Apply(resources, ResourceHardening.AtUpdate(resources, s_bounds, "p")).Bytes);
        Assert.InRange(result.SignedNumber(SpecPath.PidsLimit) ?? 0, 0, (long)s_bounds.PidsMax!);
        Assert.InRange(result.SignedNumber(SpecPath.MemoryLimit) ?? 0, 0, (long)s_bounds.MemoryMax!);
        Assert.NotEqual("max", (result.Text(SpecPath.UnifiedPidsMax) ?? "").Trim());
        Assert.NotEqual("max", (result.Text(SpecPath.UnifiedMemoryMax) ?? "").Trim());
        Assert.False((result.Text(SpecPath.UnifiedCpuMax) ?? "").TrimStart().StartsWith("max", StringComparison.Ordinal));
        Assert.Equal(0, ResourceHardening.AtUpdate(result, s_bounds, "p").Count);
        return true;
    }

    private static bool IsHardened(byte[] bytes)
    {
        ContainerSpec spec = ContainerSpec.Parse(bytes);
        PolicyDecision decision = PolicyEngine.Decide(spec, FactsReader.Read(spec, ""), s_host, [s_policy], new Given.Profiles());
        if (decision.Outcome == DecisionOutcome.Refuse)
        {
            Assert.NotEqual("", decision.Message);
            return false;
        }

        Assert.Equal(DecisionOutcome.Allow, decision.Outcome);
        (byte[] output, AppliedEdit[] applied) = SpecEditor.Apply(spec, decision.Edits);
        Assert.True(bytes.AsSpan().SequenceEqual(SpecEditor.Revert(output, applied)));
        ContainerSpec result = ContainerSpec.Parse(output);
        Ceiling ceiling = ExecHardening.CeilingOf(result);
        Assert.True(ceiling.NoNewPrivileges || !result.Has(SpecPath.Process));
        Assert.All(ceiling.Capabilities, static set => Assert.Equal(CapabilitySet.None, set));
        Assert.All(ceiling.Rlimits.Where(static limit => limit.Type == "RLIMIT_NOFILE"), static limit => Assert.True(limit is { Soft: <= 64, Hard: <= 128 }));
        Assert.True(result.Flag(SpecPath.RootReadonly));
        Assert.Contains("/proc/kcore", result.Texts(SpecPath.MaskedPaths));
        string? directory = result.Text(SpecPath.WorkingDirectory);
        Assert.False($"{directory}/".StartsWith("/proc/self/fd/", StringComparison.Ordinal), directory);
        Assert.DoesNotContain("run.oci.handler", FactsReader.Read(result, "").Annotations.Keys);
        // What we wrote, every strict reader can read; bytes behind the object are carried over, as runc ignores them.
        var reader = new Utf8JsonReader(output, new JsonReaderOptions { MaxDepth = 1000 });
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return true;
    }

    private static byte[] Spec(System.Random random) => random.Next(4) == 0 ? s_real[random.Next(s_real.Length)] : new SpecMaker(random).Spec();

    private static byte[] Mutated(System.Random random, byte[] document)
    {
        List<byte> bytes = [.. document];
        for (int i = random.Next(4); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 24), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
                default:
                    InsertBehindABrace(bytes, at, s_pieces[random.Next(s_pieces.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }

    // Where a member may stand: most mutations elsewhere are no JSON any more.
    private static void InsertBehindABrace(List<byte> bytes, int from, byte[] piece)
    {
        int brace = bytes.IndexOf((byte)'{', from);
        if (brace >= 0)
        {
            bytes.InsertRange(brace + 1, piece);
        }
    }
}
