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

namespace Runtime.Hardening.Profiles.Tests.Rules;

/// <summary>
/// A fuzzer: specs that engines really wrote, and made-up ones, with bytes changed at random. Whatever comes of them is a refusal with a sentence, or a spec
/// that holds all that the policy asks. HARDENING_FUZZ_CASES names another number of cases.
/// </summary>
public sealed class MutatedSpecTests
{
    private const int CasesInEveryRun = 200_000;

    private static readonly byte[][] s_real = [.. Directory.GetFiles(Path.Combine(Repository.Root, "tests/Fixtures/bundles"), "config.json", SearchOption.AllDirectories)
        .Select(File.ReadAllBytes).OrderBy(static bytes => bytes.Length).Take(4)];

    // What a mutation puts in: pieces of grammar, our own keys in every disguise, numbers at the edges.
    private static readonly byte[][] s_pieces = [.. new[]
    {
        "{", "}", "[", "]", ",", ":", "\"", "\\", "null", "true", "false", "0", "-1", "1e999", "18446744073709551616", "\"\"", "{}", "[]", "\\u0000", "\\ud800", "\u017f", " ",
        "\"noNewPrivileges\":false,", "\"NoNewPrivileges\":false,", "\"capabilities\":null,", "\"process\":{},", "\"linux\":{},", "\"maskedPaths\":[],", "\"rlimits\":[],",
        "\"annotations\":{\"run.oci.handler\":\"krun\"},", "\"cwd\":\"/proc/self/fd/7\",", "\"bounding\":[\"CAP_SYS_ADMIN\"],", "\"apparmorProfile\":\"unconfined\",", "\"root\":null,",
        "\"\\u006eoNewPrivileges\":false,", "\ufeff",
    }.Select(Encoding.UTF8.GetBytes)];

    private static readonly Policy s_policy = new()
    {
        Name = "p", NoNewPrivileges = true, KeepCapabilities = CapabilitySet.None, ReadOnlyRootFilesystem = true, MaskPaths = ["/proc/kcore"], ReadOnlyPaths = ["/proc/sys"],
        Rlimits = [new Rlimit("RLIMIT_NOFILE", 64, 128)],
    };

    private static readonly HostFacts s_host = new("/nonexistent/enabled", "/nonexistent/profiles");

    [Fact]
    public void NoMutationCrashesOrComesOutWeaker()
    {
        int refused = 0, hardened = 0;
        int cases = int.TryParse(Environment.GetEnvironmentVariable("HARDENING_FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : CasesInEveryRun;
        Gen.UInt.Sample(
            seed =>
            {
                byte[] spec = Mutated(new System.Random((int)(seed >> 1)));
                try
                {
                    if (IsHardened(spec))
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

    private static byte[] Mutated(System.Random random)
    {
        List<byte> bytes = [.. random.Next(4) == 0 ? s_real[random.Next(s_real.Length)] : new SpecMaker(random).Spec()];
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
