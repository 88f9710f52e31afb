using System.Text.Json;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>The schema that editors complete descriptions by says what the reader of descriptions says.</summary>
public class SchemaTests
{
    private const string Header = "apiVersion: hardening/v1\nkind: AppArmorProfile\nmetadata: {name: hardened-x}\nspec:\n  files: {execute: [/x]}\n";

    private static readonly string s_schema = File.ReadAllText(Path.Combine(Repository.Profiles, "schema/apparmorprofile.schema.json"));

    public static TheoryData<string> Shipped => [.. Directory.EnumerateFiles(Path.Combine(Repository.Profiles, "apparmor"), "*.yaml").Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void AShippedDescriptionIsValidUnderTheSchema(string file)
        => Assert.Empty(new SchemaCheck(s_schema).MistakesIn(File.ReadAllText(Path.Combine(Repository.Profiles, "apparmor", file))));

    [Fact]
    public void ADescriptionWithEveryFieldOfTheSchemaIsValidAndHasNoFindings()
    {
        const string Everything = """
            apiVersion: hardening/v1
            kind: AppArmorProfile
            metadata: {name: hardened-x, description: All that there is}
            spec:
              files: {read: [/], write: ["/data/**"], map: ["/lib/*.so"], execute: ["/bin/[a-z]?", "/é b/~c"], deny: [{paths: [/data/x/], access: [write, execute, read, map], log: false}]}
              network: {allow: [inet stream, unix], deny: [inet raw]}
              capabilities: [KILL, CAP_CHOWN]
              signals: {to: [hardened-y], from: ["/usr/bin/*"]}
              ptrace: trace
              mounts: [{type: fuse.sshfs, at: "/mnt/**"}]

            """;
        Assert.Empty(new SchemaCheck(s_schema).MistakesIn(Everything));
        LintReport report = new();
        AppArmorReader.ReadAll("d.yaml", Everything, report);
        Assert.Empty(report.Findings);
        using JsonDocument schema = JsonDocument.Parse(s_schema);
        foreach (string field in Fields(schema.RootElement.GetProperty("properties").GetProperty("spec")))
        {
            Assert.Contains($"{field}: ", Everything, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("  file: {}")]
    [InlineData("  network: {allow: [ipv4]}")]
    [InlineData("  network: {allow: [inet  raw]}")]
    [InlineData("  network: {deny: all}")]
    [InlineData("  capabilities: [SYS_ADMN]")]
    [InlineData("  signals: {to: [\"x, mount\"]}")]
    [InlineData("  signals: {form: [x]}")]
    [InlineData("  ptrace: all")]
    [InlineData("  mounts: [{type: tmpfs}]")]
    [InlineData("  mounts: [{type: \"tmpfs,\", at: /x}]")]
    [InlineData("  mounts: [{type: tmpfs, at: x}]")]
    [InlineData("  mounts: [{type: tmpfs, at: \"/x\\ny\"}]")]
    [InlineData("  mounts: [{type: tmpfs, at: '/@{HOME}'}]")]
    [InlineData("  mounts: [{type: tmpfs, at: /a/../b}]")]
    [InlineData("  mounts: [{type: tmpfs, at: /a//b}]")]
    [InlineData("  mounts: [{type: tmpfs, at: /a***}]")]
    [InlineData("  mounts: [{type: tmpfs, at: '/a\"'}]")]
    [InlineData("  mounts: [{type: tmpfs, at: '/a#include'}]")]
    public void TheSchemaRefusesWhatTheReaderRefuses(string field)
    {
        string text = Header + field + "\n";
        Assert.NotEmpty(new SchemaCheck(s_schema).MistakesIn(text));
        Assert.True(Errors(text) > 0);
    }

    [Theory]
    [InlineData("hardened-x-3f9a0c21")]
    [InlineData("web")]
    [InlineData("hardened-")]
    [InlineData("hardened-X")]
    [InlineData("hardened-123456789012345678901234567890123456789012345678901234567890")]
    public void TheSchemaRefusesTheNamesThatTheReaderRefuses(string name)
    {
        string text = Header.Replace("hardened-x", name, StringComparison.Ordinal);
        Assert.NotEmpty(new SchemaCheck(s_schema).MistakesIn(text));
        Assert.True(Errors(text) > 0);
    }

    [Fact]
    public void TheWordsOfTheSchemaAreTheReaders()
    {
        using JsonDocument schema = JsonDocument.Parse(s_schema);
        JsonElement definitions = schema.RootElement.GetProperty("$defs");
        Assert.Equal($"^({string.Join('|', AppArmorWords.Families)})( ({string.Join('|', AppArmorWords.SocketTypes)}))?$", definitions.GetProperty("network").GetProperty("pattern").GetString());
        string[] capabilities = CapabilitySet.KnownNames.ToArray();
        Assert.Equal(
            capabilities.Concat(capabilities.Select(c => c["CAP_".Length..])).Order(),
            definitions.GetProperty("capability").GetProperty("enum").EnumerateArray().Select(e => e.GetString()!).Order());
        JsonElement spec = schema.RootElement.GetProperty("properties").GetProperty("spec").GetProperty("properties");
        Assert.Equal(AppArmorWords.Ptraces, Words(spec.GetProperty("ptrace")));
        Assert.Equal(AppArmorWords.Accesses, Words(spec.GetProperty("files").GetProperty("properties").GetProperty("deny").GetProperty("items").GetProperty("properties").GetProperty("access").GetProperty("items")));
        // The reader names the fields that it knows when it sees one that it does not know.
        Assert.Equal(SpecFields().Order(), spec.EnumerateObject().Select(p => p.Name).Order());
    }

    private static string[] SpecFields()
    {
        LintReport report = new();
        AppArmorReader.ReadAll("d.yaml", Header + "  nothing: x\n", report);
        string message = Assert.Single(report.Findings).Message;
        const string Before = "expected one of ";
        int begin = message.IndexOf(Before, StringComparison.Ordinal) + Before.Length;
        return message[begin..message.IndexOf('.', begin)].Split(", ");
    }

    private static IEnumerable<string> Words(JsonElement choice) => choice.GetProperty("enum").EnumerateArray().Select(e => e.GetString()!);

    private static IEnumerable<string> Fields(JsonElement schema)
    {
        if (schema.TryGetProperty("items", out JsonElement items))
        {
            return Fields(items);
        }

        return schema.TryGetProperty("properties", out JsonElement properties) ? properties.EnumerateObject().SelectMany(p => Fields(p.Value).Prepend(p.Name)) : [];
    }

    private static int Errors(string text)
    {
        LintReport report = new();
        AppArmorReader.ReadAll("d.yaml", text, report);
        return report.ErrorCount;
    }
}
