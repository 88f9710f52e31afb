using System.Text;
using CsCheck;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Tests.Inputs;

namespace Runtime.Hardening.Profiles.Tests.Seccomp;

public sealed class SeccompMeetTests
{
    private static readonly int Cases = int.TryParse(Environment.GetEnvironmentVariable("HARDENING_MEET_CASES"), out int cases) ? cases : 3_000;

    [Fact]
    public void TheMeetIsNeverWeakerThanEitherSide() => Gen.UInt.Sample(
        seed =>
        {
            (byte[] a, byte[] b, System.Random random) = Pair(seed);
            SeccompModel meet = SeccompModel.Parse(Meet(a, b));
            string Describe() => $"{Encoding.UTF8.GetString(a)} MET WITH {Encoding.UTF8.GetString(b)} IS {Encoding.UTF8.GetString(Meet(a, b))}";
            Calls.AssertNeverWeaker(meet, SeccompModel.Parse(a), random, Describe);
            Calls.AssertNeverWeaker(meet, SeccompModel.Parse(b), random, Describe);
        },
        iter: Cases);

    [Fact]
    public void NoMeetContradictsItself() => Gen.UInt.Sample(
        seed =>
        {
            (byte[] a, byte[] b, _) = Pair(seed);
            Assert.False(SeccompModel.Parse(Meet(a, b)).IsContradictory);
        },
        iter: Cases);

    [Fact]
    public void AProfileMetWithItselfDoesWhatItDid() => Gen.UInt.Sample(
        seed =>
        {
            (byte[] a, _, System.Random random) = Pair(seed);
            AssertSame(SeccompModel.Parse(a), SeccompModel.Parse(Meet(a, a)), random);
        },
        iter: Cases);

    [Fact]
    public void BothOrdersOfAMeetAllowTheSame() => Gen.UInt.Sample(
        seed =>
        {
            (byte[] a, byte[] b, System.Random random) = Pair(seed);
            AssertSame(SeccompModel.Parse(Meet(a, b)), SeccompModel.Parse(Meet(b, a)), random);
        },
        iter: Cases);

    [Fact]
    public void MeetingAgainWithEitherSideChangesNoByte() => Gen.UInt.Sample(
        seed =>
        {
            (byte[] a, byte[] b, _) = Pair(seed);
            byte[] meet = Meet(a, b);
            foreach (byte[] side in (byte[][])[b, a])
            {
                byte[] again = Meet(meet, side);
                Assert.True(meet.AsSpan().SequenceEqual(again), $"{Encoding.UTF8.GetString(a)} MET WITH {Encoding.UTF8.GetString(b)} IS {Encoding.UTF8.GetString(meet)} AND THEN {Encoding.UTF8.GetString(again)}");
            }
        },
        iter: Cases);

    [Fact]
    public void TheCanonicalFormIsAFixedPointAndDoesTheSame() => Gen.UInt.Sample(
        seed =>
        {
            (byte[] a, _, System.Random random) = Pair(seed);
            byte[] once = SeccompWriter.Write(SeccompProfile.Parse(a, "a"));
            Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(SeccompWriter.Write(SeccompProfile.Parse(once, "once"))));
            AssertSame(SeccompModel.Parse(a), SeccompModel.Parse(once), random);
        },
        iter: Cases);

    [Fact]
    public void ADenialOnOneArgumentSurvivesWhereItEqualsTheOtherDefault()
    {
        // The denial equals the meet's default, so a runtime would drop it and the permission on the other argument would stand alone.
        byte[] engine = Json("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW"}]}""");
        byte[] policy = Json("""
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":13,"syscalls":[
             {"names":["socket"],"action":"SCMP_ACT_ERRNO","errnoRet":1,"args":[{"index":1,"value":5,"op":"SCMP_CMP_EQ"}]},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":7,"op":"SCMP_CMP_EQ"}]}]}
            """);
        SeccompModel.Answer answer = SeccompModel.Parse(Meet(engine, policy)).Ask("socket", [7, 5, 0, 0, 0, 0], order: 0);
        Assert.True(answer.Strictness >= 4, $"socket(7, 5) is answered with {answer}");
    }

    [Fact]
    public void AListOfFamiliesUnderEveryFamilyButOneStaysTheList()
    {
        byte[] engine = Json("""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":40,"op":"SCMP_CMP_NE"}]}]}
            """);
        byte[] policy = Json("""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]},
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":40,"op":"SCMP_CMP_EQ"}]}]}
            """);
        SeccompModel meet = SeccompModel.Parse(Meet(engine, policy));
        Assert.Equal(0, meet.Ask("socket", [1, 0, 0, 0, 0, 0], 0).Strictness);
        Assert.Equal(4, meet.Ask("socket", [40, 0, 0, 0, 0, 0], 0).Strictness);
        Assert.Equal(4, meet.Ask("socket", [2, 0, 0, 0, 0, 0], 0).Strictness);
    }

    [Fact]
    public void AValueThatHoldsInItsUpperHalfAloneIsNotAllowed()
    {
        // 32-bit architectures compare the lower halves: there the policy's one value is the one that the engine forbids.
        byte[] engine = Json("""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":40,"op":"SCMP_CMP_NE"}]}]}
            """);
        byte[] policy = Json("""
            {"defaultAction":"SCMP_ACT_ERRNO","syscalls":[
             {"names":["socket"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967336,"op":"SCMP_CMP_EQ"}]}]}
            """);
        Assert.DoesNotContain("SCMP_ACT_ALLOW", Encoding.UTF8.GetString(Meet(engine, policy)), StringComparison.Ordinal);
    }

    [Fact]
    public void TheShippedProfilesMeetEveryEngineProfileWithoutWeakening() => Gen.UInt.Sample(
        seed =>
        {
            (byte[] a, _, System.Random random) = Pair(seed);
            foreach (string name in (string[])["restricted.json", "runtime-default.json"])
            {
                byte[] shipped = File.ReadAllBytes(Path.Combine(Repository.Root, "profiles", "seccomp", name));
                SeccompModel meet = SeccompModel.Parse(Meet(a, shipped));
                Calls.AssertNeverWeaker(meet, SeccompModel.Parse(a), random, () => name);
                Calls.AssertNeverWeaker(meet, SeccompModel.Parse(shipped), random, () => name);
            }
        },
        iter: 100);

    [Theory]
    [InlineData("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_CMP_LT", 6)]   // of each denial one condition must fail
    [InlineData("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_CMP_EQ", 1)]
    [InlineData("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW", "SCMP_CMP_LT", 2)]
    [InlineData("SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_CMP_GT", 2)]
    public void TheLongestProfileThatIsReadCostsAMeetLittle(string fallback, string action, string op, int conditions)
    {
        byte[] Longest(int first)
        {
            IEnumerable<string> rules = from call in (string[])["openat", "socket", "clone", "ioctl"] from rule in Enumerable.Range(0, SeccompProfile.MostConditionalRulesOfACall)
                                        select $$"""{"names":["{{call}}"],"action":"{{action}}","args":[{{string.Join(',', Enumerable.Range(0, conditions).Select(i => $$"""{"index":{{i}},"value":{{first + (7 * rule) + i}},"op":"{{op}}"}"""))}}]}""";
            return Json($$"""{"defaultAction":"{{fallback}}","syscalls":[{{string.Join(',', rules)}}]}""");
        }

        SeccompProfile a = SeccompProfile.Parse(Longest(1), "a"), b = SeccompProfile.Parse(Longest(3), "b");
        SeccompProfile one = SeccompProfile.Parse(Json("""{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["openat","socket","clone","ioctl"],"action":"SCMP_ACT_ALLOW","args":[{"index":1,"value":2,"op":"SCMP_CMP_NE"}]}]}"""), "one");
        foreach (SeccompProfile other in (SeccompProfile[])[b, one])
        {
            // What is compared is also allocated: 28 GiB before there was a budget.
            long before = GC.GetAllocatedBytesForCurrentThread();
            SeccompMeet.Of(a, other);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 128 << 20);
        }
    }

    [Fact]
    public void AMultiplexerWhoseRulesDoNoMoreThanTheDefaultStaysWithoutARule()
    {
        byte[] a = Json("""
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"syscalls":[{"names":["read","socketcall"],"action":"SCMP_ACT_ALLOW"},
             {"names":["accept"],"action":"SCMP_ACT_ERRNO","errnoRet":38}]}
            """);
        byte[] b = Json("""
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":1,"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},
             {"names":["socketcall"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"}]}]}
            """);
        byte[] meet = Meet(a, b);
        Assert.Equal(Encoding.UTF8.GetString(meet), Encoding.UTF8.GetString(Meet(meet, b)));
        Assert.Equal(Encoding.UTF8.GetString(meet), Encoding.UTF8.GetString(Meet(meet, a)));
    }

    private static (byte[] A, byte[] B, System.Random Random) Pair(uint seed)
    {
        var random = new System.Random((int)(seed >> 1));
        return (Startable(random), Startable(random), random);
    }

    // A profile that libseccomp itself refuses starts no container, whatever we make of it.
    private static byte[] Startable(System.Random random)
    {
        while (true)
        {
            byte[] json = Encoding.UTF8.GetBytes(new SeccompMaker(random).Profile());
            if (!SeccompModel.Parse(json).IsContradictory)
            {
                return json;
            }
        }
    }

    private static byte[] Meet(byte[] a, byte[] b) => SeccompWriter.Write(SeccompMeet.Of(SeccompProfile.Parse(a, "a"), SeccompProfile.Parse(b, "b")));

    private static void AssertSame(SeccompModel expected, SeccompModel actual, System.Random random)
    {
        foreach ((string name, ulong[] arguments) in Calls.Around(random, expected, actual))
        {
            for (int order = 0; order < 3; order++)
            {
                if (expected.Ask(name, arguments, order) != actual.Ask(name, arguments, order))
                {
                    Assert.Fail($"{name}({string.Join(", ", arguments)}): {expected.Ask(name, arguments, order)} became {actual.Ask(name, arguments, order)}");
                }
            }
        }
    }

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text);
}
