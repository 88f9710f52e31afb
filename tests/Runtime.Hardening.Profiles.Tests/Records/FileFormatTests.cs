using System.Text;
using CsCheck;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Settings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Records;

/// <summary>Records, journal lines and settings: what goes out comes back, and what is damaged is refused.</summary>
public sealed class FileFormatTests
{
    private static readonly DateTimeOffset s_time = new DateTimeOffset(2026, 11, 22, 19, 50, 0, TimeSpan.Zero).AddTicks(1_234_567);

    [Fact]
    public void ARecordSurvivesWithEveryByteOfTheOriginal() => Gen.Select(Gen.Byte.Array[0, 20], Gen.ULong, Gen.String).Sample((original, number, text) =>
    {
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        var record = new ContainerRecord
        {
            Id = text, Root = "/r", Bundle = "/b\n", BundleDevice = number, BundleInode = ulong.MaxValue, Created = s_time, Decision = "allow",
            Generation = "g", Policies = ["a", text],
            Ceiling = new Ceiling
            {
                Capabilities = [new(number & CapabilitySet.All.Bits), default, default, CapabilitySet.All, default],
                NoNewPrivileges = true, AppArmorProfile = text, Seccomp = true, Rlimits = [new("RLIMIT_NOFILE", number, Rlimit.Unlimited)],
                Resources = new((number >> 1) + 1 is var n && number % 2 == 0 ? n : null, 7, null),
            },
            Confinement = new Confinement { Seccomp = "0123456789abcdef", MaskedPaths = [text], ReadonlyPaths = ["/proc/sys"], RootReadonly = true },
            Edits = [new AppliedEdit(3, 4, original), new AppliedEdit(9, 0, "null"u8.ToArray())],
        };
        byte[] written = record.Write();
        ContainerRecord read = ContainerRecord.Read(written);
        Assert.Equal(original, read.Edits[0].Original.ToArray());
        Assert.Equal((text, number, s_time), (read.Id, read.BundleDevice, read.Created));
        Assert.Equal(record.Ceiling.Capabilities, read.Ceiling!.Capabilities);
        Assert.Equal(record.Ceiling.Resources, read.Ceiling.Resources);
        Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(read.Write()));
    });

    [Theory]
    [InlineData("""{"v":2}""", "version is 2")]
    [InlineData("""{"v":1,"edits":[{"at":99999999999}]}""", "unusable")]
    [InlineData("""{"v":1,"ceiling":{"landlock":true}}""", "landlock")]
    [InlineData("""{"v":1,"ceiling":{"resources":{"ioMax":5}}}""", "ioMax")]
    [InlineData("""{"v":1,"ceiling":{"resources":{"pidsMax":0}}}""", "from 1 to 9223372036854775807")]
    [InlineData("""{"v":1,"ceiling":{"resources":{"memoryMax":9223372036854775808}}}""", "from 1 to 9223372036854775807")]
    [InlineData("""{"v":1,"edits":[{"originalBase64":"?"}]}""", "unusable")]
    [InlineData("""{"v":1""", "unusable")]
    public void AnUnusableRecordIsRefused(string json, string word)
        => Assert.Contains(word, Assert.Throws<HardeningFormatException>(() => ContainerRecord.Read(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void ACeilingOfAnOlderRecordBoundsNoResources() => Assert.Null(ContainerRecord.Read("""{"v":1,"ceiling":{"seccomp":true}}"""u8).Ceiling!.Resources);

    [Fact]
    public void MembersOfANewerRecordAreSkipped() => Assert.Equal("c", ContainerRecord.Read("""{"v":1,"new":{"a":[1]},"confinement":{"new":[{}],"rootReadonly":true},"id":"c"}"""u8).Id);

    [Theory]
    [InlineData("/r", "c1", "c1-4f6d7fa788d0df24.json")]
    public void TheNameOfARecordIsReadableAndNeverLeavesItsFolder(string root, string id, string expected)
    {
        Assert.Equal(Fnv(root, id), RecordKey.FileName(root, id));
        Assert.Equal(expected, RecordKey.FileName(root, id));
        Assert.DoesNotContain('/', RecordKey.FileName("/r", "../../etc/passwd"));
        Assert.Equal(48 + 22, RecordKey.FileName("/r", new string('a', 300)).Length);
        Assert.NotEqual(RecordKey.FileName("/r", "a"), RecordKey.FileName("/ra", ""));
    }

    [Fact]
    public void AJournalLineSurvives() => Gen.Select(Gen.String, Gen.Bool, Gen.String).Sample((text, flag, other) =>
    {
        (text, other) = (Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)), Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(other)));
        var entry = new JournalEntry
        {
            Time = s_time, Id = text, Verb = "create", Decision = JournalDecision.Refuse, Engine = "docker", Root = other, Bundle = text, Generation = "g",
            Policies = [text, "b"], Facts = new JournalFacts("n", text, "c", other, flag, !flag), Changes = [new JournalChange("p", "r", text, "b", other)],
            Findings = [new JournalFinding("r", "p", "report", text)], Weaker = flag, Message = other,
        };
        byte[] line = entry.WriteLine();
        Assert.Equal(1, line.AsSpan().Count((byte)'\n'));
        Assert.True(JournalEntry.TryParse(line.AsSpan(0, line.Length - 1), out JournalEntry read));
        Assert.Equal(line, read.WriteLine());
        Assert.Equal(entry.Facts, read.Facts);
    });

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"v":2}""")]
    [InlineData("""{"v":1,"id":7}""")]
    [InlineData("""{"v":1,"time":"soon"}""")]
    public void ALineThatIsNoEntryIsNotRead(string line) => Assert.False(JournalEntry.TryParse(Encoding.UTF8.GetBytes(line), out _));

    [Theory]
    [InlineData("decisions-000007.jsonl", true)]
    [InlineData("decisions-1234567.jsonl", true)]
    [InlineData("decisions-.jsonl", false)]
    [InlineData("decisions--00007.jsonl", false)]
    [InlineData("decisions- 7.jsonl", false)]
    [InlineData("decisions.jsonl", false)]
    [InlineData("refusals-000007.jsonl", false)]
    public void ASegmentIsKnownByItsName(string name, bool expected)
    {
        Assert.Equal(expected, JournalSegment.TryParseClosedName(name, JournalSegment.Decisions, out long number));
        Assert.True(!expected || JournalSegment.ClosedName(JournalSegment.Decisions, number) == name);
    }

    [Fact]
    public void ASegmentHeaderHasItsGoldenBytes()
    {
        const string Golden = "{\"segment\":7,\"first\":12345,\"unwritten\":           9}\n";
        Assert.Equal(Golden, Encoding.ASCII.GetString(JournalSegment.Header(7, 12345, 9)));
        Assert.Equal(Golden.Length, JournalSegment.Header(7, 12345, 999_999_999_999).Length);
        Assert.Equal(9, System.Text.Json.JsonDocument.Parse(Golden).RootElement.GetProperty("unwritten").GetInt32());
        Assert.True(JournalSegment.TryParseHeader(Encoding.ASCII.GetBytes(Golden), out long segment, out long first, out long unwritten));
        Assert.Equal((7, 12345, 9), (segment, first, unwritten));
        Assert.True(JournalSegment.TryParseHeader("{\"segment\":7,\"first\":12345}"u8, out segment, out first, out unwritten));
        Assert.Equal((7, 12345, 0), (segment, first, unwritten));
        Assert.True(JournalSegment.TryParseHeader("{\"segment\":7,\"first\":12345,\"unwritten\": 3,\"newer\":1}"u8, out _, out _, out unwritten));
        Assert.Equal(3, unwritten);
        Assert.False(JournalSegment.TryParseHeader("{\"v\":1}"u8, out _, out _, out _));
    }

    [Theory]
    [InlineData("{\n  \"runtime\": \"/x\",\n  \"runtme\": \"/y\"\n}", "hook.json:3: 'runtme' is no setting; known are runtime")]
    [InlineData("{\n\"runtime\": \"runc\"}", "hook.json:2: 'runtime' must be an absolute path without NUL, but is 'runc'")]
    [InlineData("{\n\n\"journal\": 5}", "hook.json:3: 'journal' must be a string, but is the number 5")]
    [InlineData("{\"whenBroken\":\"maybe\"}", "expected one of: builtin, refuse, passThrough")]
    [InlineData("{\n\"runtime\": \"/x\"\n\"journal\": \"/y\"}", "hook.json:3: ")]
    [InlineData("{}\n{\"whenBroken\":\"refuse\"}", "hook.json:2: ")]
    [InlineData("[]", "must be an object")]
    [InlineData("", "hook.json:1: ")]
    [InlineData("{\n\"runtime\": \"/x\",\n\"runtime\": \"/y\"}", "hook.json:3: 'runtime' stands there twice")]
    [InlineData("{\"runtime\": \"/x\\u0000y\"}", "must be an absolute path without NUL, but is '/x?y'")]
    public void AMistakeInTheSettingsIsNamedWithItsLine(string json, string sentence)
    {
        string message = Assert.Throws<HardeningFormatException>(() => NodeSettings.Parse(Encoding.UTF8.GetBytes(json), "hook.json")).Message;
        Assert.Contains(sentence, message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", message, StringComparison.Ordinal);
    }

    [Fact]
    public void SettingsHaveTheDocumentedDefaults()
    {
        NodeSettings settings = NodeSettings.Parse("{\"runtimes\":{\"docker\":\"/usr/bin/crun\"}}"u8, "hook.json");
        Assert.Equal(("/usr/bin/runc", "/usr/bin/crun"), (settings.RuntimeFor("containerd"), settings.RuntimeFor("docker")));
        Assert.Equal(
            ("/var/lib/hardening/policy", "/run/hardening/containers", "/var/lib/hardening/journal", WhenBroken.Builtin),
            (settings.PolicyStore, settings.StateDirectory, settings.Journal, settings.WhenBroken));
    }

    // Podman's start and delete carry no root and no spec: nothing tells them from anybody else's.
    [Fact]
    public void AnEngineThatNoRootTellsHasNoRuntimeOfItsOwn()
        => Assert.Contains("HARDENING_CONFIG", Assert.Throws<HardeningFormatException>(
            () => NodeSettings.Parse("{\"runtimes\":{\"podman\":\"/usr/bin/crun\"}}"u8, "hook.json")).Message, StringComparison.Ordinal);

    // FNV-1a from its definition, a second time.
    private static string Fnv(string root, string id)
    {
        System.Numerics.BigInteger hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes($"{root}\0{id}"))
        {
            hash = ((hash ^ b) * 1099511628211) % (System.Numerics.BigInteger.One << 64);
        }

        return $"{id}-{(ulong)hash:x16}.json";
    }
}
