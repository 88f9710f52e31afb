using System.Text;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Records;
using Runtime.Hardening.Profiles.Settings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook.Tests;

/// <summary>The gate and Podman's filter on real folders; under real runtimes they run in the end-to-end tests.</summary>
public sealed class OciHookTests : IDisposable
{
    private const string Open = """{"process":{"capabilities":{"bounding":["CAP_CHOWN"]}},"linux":{}}""";
    private const string Hardened = """{"process":{"noNewPrivileges":true},"linux":{}}""";
    private static readonly string s_podmansId = new('a', 64);
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 20, 0, 0, TimeSpan.Zero);
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("oci-hook createRuntime", "createRuntime", "")]
    [InlineData("oci-hook prestart", "prestart", "")]
    [InlineData("oci-hook precreate", "precreate", "")]
    [InlineData("precreate", "precreate", "")]
    [InlineData("oci-hook", "", "without a stage")]
    [InlineData("oci-hook CreateRuntime", "", "no stage that hardening-hook knows")]
    [InlineData("oci-hook prestart x", "", "one word too many")]
    [InlineData("oci-hook poststart", "", "use createRuntime")]
    [InlineData("oci-hook poststop", "", "the container is gone")]
    [InlineData("oci-hook createContainer", "", "use createRuntime")]
    [InlineData("oci-hook startContainer", "", "use createRuntime")]
    public void AStageIsOneThatCanHoldSomething(string line, string stage, string problem)
    {
        Assert.True(OciHookCommand.IsAskedFor(line.Split(' ')));
        (string found, string said) = OciHookCommand.Stage(line.Split(' '));
        Assert.Equal(stage, found);
        Assert.Equal(problem.Length == 0, said.Length == 0);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("create precreate")]
    [InlineData("--root /r create oci-hook")]
    [InlineData("exec oci-hook createRuntime")]
    [InlineData("--log precreate run c1")]
    public void AContainerMayBeCalledLikeARole(string line) => Assert.False(OciHookCommand.IsAskedFor(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [InlineData("""{"ociVersion":"1.0.2","id":"c1","status":"creating","pid":42,"bundle":"/b","annotations":{"a":"b"}}""")]
    [InlineData("{\n  \"ociVersion\": \"1.0\",\n  \"id\": \"c1\",\n  \"pid\": 42,\n  \"root\": \"\\/images\\/rootfs\",\n  \"bundle\": \"\\/b\",\n  \"status\": \"created\"\n}\n")]
    public void TheStatesOfRuncAndOfCrunAreRead(string json) => Assert.Equal(new OciHookState("c1", "/b"), OciHookState.Parse(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"id":"c1","bundle":"relative"}""")]
    [InlineData("""{"id":1,"bundle":"/b"}""")]
    [InlineData("""{"id":"c1","bundle":"/b"} {"id":"c2"}""")]
    [InlineData("""{"id":"c1","bundle":"/b" """)]
    public void WhatIsNoStateIsRefused(string json)
        => Assert.Contains("standard input", Assert.Throws<Refusal>(() => OciHookState.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/usr/bin/runc\0--root\0/r/ns\0--log\0/l\0create\0--bundle\0/b\0c1\0", "/r/ns")]
    [InlineData("runc\0--root=/r/ns/\0run\0c1\0", "/r/ns")]
    [InlineData("runc\0create\0--bundle\0/b\0c1\0", "")]
    [InlineData("runc\0--root\0/r\0create\0--bundle\0/b\0c2\0", null)]
    [InlineData("runc\0--root\0/r\0exec\0c1\0sh\0", null)]
    [InlineData("/bin/sh\0", null)]
    [InlineData("", null)]
    public void TheRootIsTheCallingRuntimes(string commandLine, string? root) => Assert.Equal(root, OciHookParent.RootIn(commandLine, "c1"));

    [Fact]
    public void AContainerThatCameThroughTheWrapperPassesWithoutAWord()
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        Bundle(Open);
        Create(node);
        string[] lines = Journal();
        Gate(node);
        Assert.Equal(lines, Journal());
    }

    [Theory]
    [InlineData(PolicyMode.Audit, OnError.Refuse)]
    [InlineData(PolicyMode.Enforce, OnError.PassThrough)]
    public void AContainerOfTheWrapperThatNothingWasEnforcedForPassesWithoutAWordToo(PolicyMode mode, OnError onError)
    {
        // Without a linux section there can be no filter, so the second policy lets go.
        HookNode node = Node(new Policy { Name = "p", Mode = mode, OnError = onError, Seccomp = new SeccompDemand("s", "seccomp/s.json", 0) });
        Bundle("""{"process":{}}""");
        Create(node);
        Assert.Null(node.Records.Find("/r", "c1")!.Ceiling);
        string[] lines = Journal();
        Gate(node);
        Assert.Equal(lines, Journal());
    }

    [Fact]
    public void WhatWasLoosenedBehindTheWrapperIsRefusedByName()
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        Bundle(Open);
        Create(node);
        Bundle(Open.Replace("CAP_CHOWN", "CAP_SYS_ADMIN", StringComparison.Ordinal));
        string sentence = Assert.Throws<Refusal>(() => Gate(node)).Message;
        Assert.Contains("policy 'p'", sentence, StringComparison.Ordinal);
        Assert.Contains("bounding has gained CAP_SYS_ADMIN; process.noNewPrivileges is no longer true", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void AContainerThatWentRoundTheWrapperIsRefusedWithWhatItLacks()
    {
        Bundle(Open);
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true }, new Policy { Name = "q", KeepCapabilities = CapabilitySet.None });
        string sentence = Assert.Throws<Refusal>(() => Gate(node)).Message;
        Assert.StartsWith("container 'c1' was started through a runtime entry that does not go through hardening-hook; ", sentence, StringComparison.Ordinal);
        Assert.Contains("policy 'p, q' would have changed its capabilities, noNewPrivileges; start it through", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void ARecordThatAnExecMadeAnewIsNoPass()
    {
        Bundle(Open);
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        _folder.Write("runc/c1/state.json", """{"config":{"capabilities":{"Bounding":["CAP_CHOWN"]}}}"""u8);
        Assert.NotNull(LostRecord.Rebuild(_folder["runc"], "c1", "/bin/runtime", node, out _));
        Assert.Contains("does not go through hardening-hook", Assert.Throws<Refusal>(() => Gate(node)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARecordOfTheSameIdInAnotherBundleIsNoPass()
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        Bundle(Open);
        Create(node);
        Directory.Move(_folder["bundle"], _folder["other"]);
        Bundle(Open);
        Assert.StartsWith("container 'c1' was started through", Assert.Throws<Refusal>(() => Gate(node)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhereNoPolicyMatchesTheGateIsSilent()
    {
        Bundle(Open);
        Gate(Node(new Policy { Name = "p", NoNewPrivileges = true, Match = [new MatchClause { Hostnames = ["other"] }] }));
        Assert.False(Directory.Exists(_folder["journal"]));
    }

    [Fact]
    public void AnUnmatchedRecordIsNoPassOnceAPolicyMatches()
    {
        Bundle(Open);
        Create(Node(new Policy { Name = "p", NoNewPrivileges = true, Match = [new MatchClause { Hostnames = ["other"] }] }));
        Directory.Delete(_folder["policy"], recursive: true);
        Assert.Throws<Refusal>(() => Gate(Node(new Policy { Name = "p", NoNewPrivileges = true })));
    }

    [Fact]
    public void APolicyThatLetsGoLetsGoHereTooAndSaysSo()
    {
        Bundle(Open);
        Gate(Node(new Policy { Name = "p", NoNewPrivileges = true, OnError = OnError.PassThrough }));
        Assert.Contains("\"decision\":\"passThrough\"", Assert.Single(Journal()), StringComparison.Ordinal);
    }

    [Fact]
    public void AContainerThatHasAllThatIsAskedStartsAndIsNoted()
    {
        Bundle(Hardened);
        Gate(Node(new Policy { Name = "p", NoNewPrivileges = true }));
        Assert.Contains("has all that its policies ask for", Assert.Single(Journal()), StringComparison.Ordinal);
    }

    [Fact]
    public void APauseOpensTheGateEvenForASpecThatWeWouldRefuse()
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        Bundle("""{"process":{},"Process":{}}""");
        Assert.ThrowsAny<HardeningFormatException>(() => Gate(node));
        _folder.Write("paused", []);
        Gate(node);
        Assert.Contains("paused", Assert.Single(Journal()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("builtin", true)]
    [InlineData("passThrough", true)]
    [InlineData("refuse", false)]
    public void WithoutAnyUsableGenerationWhenBrokenDecides(string whenBroken, bool passes)
    {
        Bundle(Open);
        HookNode node = NodeWith($",\"whenBroken\":\"{whenBroken}\"");
        if (passes)
        {
            Gate(node);
            Assert.Single(Journal());
        }
        else
        {
            Assert.Contains("whenBroken: refuse", Assert.Throws<Refusal>(() => Gate(node)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void WhereRecordsHaveNoFolderTheSpecItselfIsLookedAt()
    {
        _folder.Write("records", "a file where a folder should be"u8);
        HookNode builtin = NodeWith("");
        Bundle(Open);
        Create(builtin);   // the built-in policy starts it without a record
        Gate(builtin);
        Bundle(Open);
        Assert.Throws<Refusal>(() => Gate(Node(new Policy { Name = "p", NoNewPrivileges = true })));
    }

    [Fact]
    public void WhatTheBuiltInPolicyLeftLooserThanItsRecordStartsNevertheless()
    {
        HookNode node = NodeWith("");
        Bundle(Open);
        Create(node);
        Bundle(Open);
        Gate(node);
        Assert.Contains("refuses nothing", Journal()[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/libpod_parent/libpod-{0}", "/home/user")]
    [InlineData("machine.slice:libpod:{0}", "/storage/overlay-containers/ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff/userdata")]
    [InlineData("", "/storage/overlay-containers/{0}/userdata")]
    [InlineData("/custom", "/storage/overlay-containers/{0}/userdata")]
    public void ThePrecreateFilterHardensAndLeavesARecordThatGateAndExecFind(string cgroup, string folder)
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        string id = s_podmansId, bundle = _folder.Path + string.Format(null, folder, id);
        Directory.CreateDirectory(bundle);
        string spec = $$"""{"process":{},"linux":{"cgroupsPath":"{{string.Format(null, cgroup, id)}}" },"annotations":{"io.container.manager":"libpod"} }""";
        string hardened = Precreate(node, spec, bundle);
        Assert.Equal(spec.Replace("\"process\":{}", "\"process\":{\"noNewPrivileges\":true}", StringComparison.Ordinal), hardened);
        ContainerRecord record = node.Records.Find("", id)!;
        Assert.True(record.Ceiling!.NoNewPrivileges);
        Assert.Empty(record.Edits);
        Assert.Equal(folder.Contains("{0}", StringComparison.Ordinal) ? bundle : "", record.Bundle);
        Assert.Contains("\"verb\":\"precreate\",\"decision\":\"allow\",\"engine\":\"podman\"", Assert.Single(Journal()), StringComparison.Ordinal);

        Assert.Equal(hardened, Precreate(node, hardened, bundle));
        File.WriteAllText(Path.Combine(bundle, "config.json"), hardened);
        Gate(node, id, bundle);
        File.WriteAllText(Path.Combine(bundle, "config.json"), spec);
        Assert.Throws<Refusal>(() => Gate(node, id, bundle));
    }

    [Fact]
    public void WhatNoPolicyMatchesLeavesTheFilterAsItCame()
    {
        string spec = $$""" { "linux" : {"cgroupsPath":"/x/libpod-{{s_podmansId}}" }, "future":1e2}""" + "\n";
        Assert.Equal(spec, Precreate(Node(new Policy { Name = "p", NoNewPrivileges = true, Match = [new MatchClause { Hostnames = ["x"] }] }), spec, "/"));
    }

    [Theory]
    [InlineData("{\"process\":{\"noNewPrivileges\":false}}")]
    [InlineData("x")]
    [InlineData("\0")]
    [InlineData("\n,")]
    public void AFilterRefusesWhateverFollowsTheDocumentUnlessPaused(string rest)
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        string spec = $$"""{"process":{},"linux":{"cgroupsPath":"/x/libpod-{{s_podmansId}}" } }""";
        Assert.EndsWith("\n\t \r\n", Precreate(node, spec + "\n\t \r\n", "/tmp"), StringComparison.Ordinal);
        Assert.Contains($"{rest.Trim().Length} bytes follow the JSON document on standard input", Assert.Throws<Refusal>(() => Precreate(node, $"{spec}{rest}", "/tmp")).Message, StringComparison.Ordinal);
        _folder.Write("paused", []);
        Assert.Equal($"{spec}{rest}", Precreate(node, $"{spec}{rest}", "/tmp"));
    }

    [Fact]
    public void AFilterInAFolderThatIsGoneGoesByTheSpecAlone()
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        Assert.Contains("true", Precreate(node, $$"""{"process":{},"linux":{"cgroupsPath":"/x/libpod-{{s_podmansId}}" } }""", ""), StringComparison.Ordinal);
        Assert.Contains("the current folder is gone", Assert.Throws<Refusal>(() => Precreate(node, Open, "")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFilterThatCannotTellTheContainerRefusesItUnlessPaused()
    {
        HookNode node = Node(new Policy { Name = "p", NoNewPrivileges = true });
        Assert.Contains("which container", Assert.Throws<Refusal>(() => Precreate(node, Open, "/tmp")).Message, StringComparison.Ordinal);
        _folder.Write("paused", []);
        Assert.Equal(Open, Precreate(node, Open, "/tmp"));
        Assert.Single(Journal());
        Assert.False(Directory.Exists(_folder["records"]));
    }

    private void Bundle(string spec) => _folder.Write("bundle/config.json", Encoding.UTF8.GetBytes(spec));

    private void Create(HookNode node)
    {
        var entry = new JournalEntry();
        CreateCommand.Harden(RuntimeArguments.Parse(["--root", "/r", "create", "--bundle", _folder["bundle"], "c1"]), node, ref entry);
    }

    private void Gate(HookNode node) => Gate(node, "c1", _folder["bundle"]);

    private static void Gate(HookNode node, string id, string bundle)
    {
        var entry = new JournalEntry { Verb = "gate" };
        string state = $$"""{"ociVersion":"1.0.2","id":"{{id}}","pid":42,"bundle":"{{bundle}}" }""";
        OciHookGate.Check(Encoding.UTF8.GetBytes(state), node, ref entry);
    }

    private static string Precreate(HookNode node, string spec, string folder)
    {
        var entry = new JournalEntry { Verb = "precreate" };
        return Encoding.UTF8.GetString(OciHookPrecreate.Harden(Encoding.UTF8.GetBytes(spec), folder, node, ref entry));
    }

    private string[] Journal() => [.. File.ReadAllLines(Path.Combine(_folder["journal"], JournalSegment.ActiveName(JournalSegment.Decisions))).Skip(1)];

    private HookNode Node(params Policy[] policies)
    {
        _folder.Write("policy/generations/000001-a/index.json", new PolicyIndex("000001-a", s_now, policies).Write());
        File.CreateSymbolicLink(_folder["policy/current"], "generations/000001-a");
        return NodeWith("");
    }

    private HookNode NodeWith(string more)
    {
        string json = $$"""{"runtime":"/bin/runtime","policyStore":"{{_folder["policy"]}}","stateDirectory":"{{_folder["records"]}}","journal":"{{_folder["journal"]}}"{{more}}}""";
        NodeSettings settings = NodeSettings.Parse(Encoding.UTF8.GetBytes(json), "hook.json");
        return new HookNode(
            new HookSettings(settings, _folder["hook.json"], "", IsBroken: false), new JournalWriter(settings.Journal), new RecordStore(settings.StateDirectory), s_now);
    }
}
