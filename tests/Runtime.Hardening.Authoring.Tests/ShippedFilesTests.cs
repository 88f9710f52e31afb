using System.Text.Json;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Compiling;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Spec;
using Runtime.Hardening.Authoring.Tests.AppArmor;

namespace Runtime.Hardening.Authoring.Tests;

public class ShippedFilesTests
{
    private static readonly string s_policies = Path.Combine(Repository.Profiles, "policies");

    public static TheoryData<string> Policies => [.. Directory.EnumerateFiles(s_policies, "*.yaml").Select(f => Path.GetFileName(f)!)];

    [Fact]
    public void AllShippedPoliciesTogetherHaveNoFindings()
    {
        LintReport report = new();
        PolicySet.Load([s_policies], Repository.Folders, report);
        Assert.Empty(report.Findings);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void AShippedPolicyHasTheNameOfItsFileAndADescription(string file)
    {
        PolicyDocument document = Assert.Single(Load(file).Policies).Document;
        Assert.Equal(Path.GetFileNameWithoutExtension(file), document.Name);
        Assert.NotNull(document.Description);
    }

    [Fact]
    public void NodeDefaultRefusesNothingAndLeavesPrivilegedContainersAlone()
    {
        Policy policy = Assert.Single(PolicyCompiler.Compile(Load("node-default.yaml")));
        Assert.Equal(OnError.PassThrough, policy.OnError);
        Assert.False(Assert.Single(policy.Match).Privileged);
        Assert.True(policy is { RequireHostNamespaces: null, RequireMounts: null, RequirePrivileged: null, RequireUser: null, KeepCapabilities: null, NoNewPrivileges: false });
    }

    [Fact]
    public void RestrictedIsThePodSecurityStandard()
    {
        Policy policy = Assert.Single(PolicyCompiler.Compile(Load("restricted.yaml")));
        Assert.Equal(["CAP_NET_BIND_SERVICE"], policy.KeepCapabilities!.Value.ToNames());
        Assert.True(policy.NoNewPrivileges);
        Assert.Equal(new UserRequirement(Otherwise.Refuse), policy.RequireUser);
        Assert.Equal(["pid", "network", "ipc"], policy.RequireHostNamespaces!.Deny);
        Assert.Equal(new PrivilegedRequirement(Otherwise.Refuse), policy.RequirePrivileged);
        Assert.Equal(Otherwise.Report, policy.AppArmor?.Otherwise);
    }

    [Fact]
    public void BaselineKeepsTheThirteenCapabilitiesOfTheStandard()
        => Assert.Equal(
            ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE", "CAP_SETFCAP"],
            Assert.Single(PolicyCompiler.Compile(Load("baseline.yaml"))).KeepCapabilities!.Value.ToNames());

    [Fact]
    public void TheSchemaHasExactlyTheFieldsOfTheParser()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Profiles, "schema/policy.schema.json")));
        JsonElement root = schema.RootElement;
        SortedSet<string> inSchema = [];
        Collect(root.GetProperty("properties").GetProperty("spec"), "", inSchema);
        SortedSet<string> inParser = [.. PolicyFields.All.Where(f => f.Keys.Count == 0).Select(f => f.Path), PolicyFields.Extends];
        inParser.UnionWith(RlimitReader.KnownTypes.Select(t => $"rlimits.{t}"));
        Assert.Equal(inParser, inSchema);
        JsonElement definitions = root.GetProperty("$defs");
        Assert.Equal(MatchReader.Fields.Order(), Names(definitions.GetProperty("clause").GetProperty("properties")).Order());
        string[] capabilities = CapabilitySet.KnownNames.ToArray();
        Assert.Equal(
            capabilities.Concat(capabilities.Select(c => c["CAP_".Length..])).Order(),
            definitions.GetProperty("capability").GetProperty("enum").EnumerateArray().Select(e => e.GetString()).Order());
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void AShippedPolicyIsValidUnderTheSchema(string file)
    {
        SchemaCheck schema = new(File.ReadAllText(Path.Combine(Repository.Profiles, "schema/policy.schema.json")));
        Assert.Empty(schema.MistakesIn(File.ReadAllText(Path.Combine(s_policies, file))));
    }

    [Theory]
    [InlineData("  capabilites: {keep: []}")]
    [InlineData("  mode: Enforce")]
    [InlineData("  rlimits: {RLIMIT_NOFILE: -1}")]
    [InlineData("  paths: {mask: [x]}")]
    [InlineData("  resources: {pidsMax: 0}")]
    [InlineData("  resources: {memoryMax: 512}")]
    [InlineData("  resources: {memoryMax: 512m}")]
    [InlineData("  resources: {cpuMax: 0}")]
    [InlineData("  resources: {cpuMax: 1.5x}")]
    [InlineData("  resources: {swapMax: 5}")]
    [InlineData("  noNewPrivileges: maybe")]
    [InlineData("  match: [{namespaces: []}]")]
    public void TheSchemaRefusesWhatTheLinterRefuses(string spec)
    {
        SchemaCheck schema = new(File.ReadAllText(Path.Combine(Repository.Profiles, "schema/policy.schema.json")));
        Assert.NotEmpty(schema.MistakesIn(Lint.Header + spec + "\n"));
        Assert.True(Lint.Texts(Lint.Header + spec + "\n").Report.HasErrors);
    }

    [Fact]
    public void EveryDescribedAppArmorProfileHasNoFindingsAndTheNameOfItsFileAndCompiles()
    {
        LintReport report = new();
        string[] files = [.. Repository.Folders.AppArmorDescriptions()];
        Assert.Equal(["hardened-jvm", "hardened-node", "hardened-restricted", "hardened-sandbox", "hardened-web", "hardened-worker"], [.. files.Select(f => Path.GetFileNameWithoutExtension(f)!)]);
        foreach (string file in files)
        {
            AppArmorSource? source = AppArmorSource.LoadNamed(file, report);
            Assert.Empty(report.Findings.Select(finding => finding.ToString()));
            Assert.Null(source!.Weaker);
            Assert.StartsWith("# ", File.ReadAllText(file), StringComparison.Ordinal);
            if (Compiled.HasParser)
            {
                Assert.NotEmpty(Compiled.Of(source.Profile.Text));
            }
        }
    }

    private static PolicySet Load(string file)
    {
        LintReport report = new();
        PolicySet set = PolicySet.Load([Path.Combine(s_policies, file)], Repository.Folders, report);
        Assert.Empty(report.Findings);
        return set;
    }

    private static void Collect(JsonElement section, string path, SortedSet<string> fields)
    {
        foreach (JsonProperty property in section.GetProperty("properties").EnumerateObject())
        {
            string name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            if (property.Value.TryGetProperty("properties", out _))
            {
                Collect(property.Value, name, fields);
            }
            else
            {
                fields.Add(name);
            }
        }
    }

    private static IEnumerable<string> Names(JsonElement value) => value.EnumerateObject().Select(p => p.Name);
}
