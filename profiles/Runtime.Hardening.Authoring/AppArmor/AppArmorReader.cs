using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>Reads a YAML document of kind AppArmorProfile.</summary>
internal sealed class AppArmorReader(LintReport report)
{
    public const string Kind = "AppArmorProfile";

    private static readonly string[] s_specFields = ["files", "network", "capabilities", "signals", "ptrace", "mounts"];
    private static readonly string[] s_fileFields = [.. AppArmorWords.Accesses, "deny"];
    private static readonly string[] s_denialFields = ["paths", "access", "log"];
    private static readonly string[] s_networkFields = ["allow", "deny"];
    private static readonly string[] s_signalFields = ["to", "from"];
    private static readonly string[] s_mountFields = ["type", "at"];

    private readonly AppArmorValues _values = new(report);

    /// <summary>The descriptions of a text. One with findings may be incomplete: the report says whether it is usable.</summary>
    public static IReadOnlyList<AppArmorDescription> ReadAll(string file, string text, LintReport report)
        => [.. YamlTree.Read(file, text, report).Select(root => new AppArmorReader(report).Read(root)).OfType<AppArmorDescription>()];

    private AppArmorDescription? Read(YamlNode root)
    {
        if (root is not YamlMapping mapping)
        {
            _values.Plain.WrongType(root, "the description of a profile with apiVersion, kind, metadata and spec");
            return null;
        }

        (string name, _, SourceLocation place) = DocumentHeader.Read(mapping, Kind, "profile", _values.Plain);
        CheckName(name, place);
        switch (mapping.Find("spec"))
        {
            case YamlMapping spec:
                return ReadSpec(spec, new AppArmorDescription(name, place));
            case { } other:
                _values.Plain.WrongType(other, "a mapping of what the profile allows");
                break;
            default:
                report.Error("missing-field", mapping.Location, "The document has no 'spec'. Add one that says what the profile allows.");
                break;
        }

        return null;
    }

    // By its name a profile is known for ours, when it is no longer needed and may be taken from the kernel.
    private void CheckName(string name, SourceLocation place)
    {
        if (name.Length == 0)
        {
            return;
        }

        if (!name.StartsWith(AppArmorName.Prefix, StringComparison.Ordinal) || name.Length == AppArmorName.Prefix.Length)
        {
            report.Error("bad-name", place, $"'{name}' does not begin with '{AppArmorName.Prefix}', by which hardenctl knows its own profiles in the kernel. Call it '{AppArmorName.Prefix}{name}'.");
        }
        else if (AppArmorName.IsVersion(name))
        {
            report.Error("bad-name", place, $"'{name}' ends like a version of a profile, and hardenctl itself adds such an ending. Call it '{AppArmorName.DescriptionOf(name)}'.");
        }
    }

    private AppArmorDescription ReadSpec(YamlMapping spec, AppArmorDescription profile)
    {
        int before = report.ErrorCount;
        DocumentHeader.ReportUnknown(spec, s_specFields, "spec", report);
        profile = Section(spec, "files", s_fileFields) is { } files ? ReadFiles(files, profile) : profile;
        profile = Section(spec, "network", s_networkFields) is { } network ? ReadNetwork(network, profile) : profile;
        profile = Section(spec, "signals", s_signalFields) is { } signals
            ? profile with { SignalTo = Of(signals, "to", _values.Peers), SignalFrom = Of(signals, "from", _values.Peers) } : profile;
        // One that was misspelt is told by its own finding; what another file did wrong says nothing about this one.
        if (report.ErrorCount == before && profile.Execute.Length > 0)
        {
            AppArmorContradictions.Check(spec, profile, report);
        }
        else if (report.ErrorCount == before)
        {
            report.Error("nothing-to-execute", spec.Location, "Nothing may be executed, so no container could start under this profile. Name at least its program in 'spec.files.execute'.");
        }

        return profile with
        {
            Capabilities = Of(spec, "capabilities", _values.Plain.Capabilities),
            Ptrace = spec.Find("ptrace") is { } ptrace && _values.Plain.Choice(ptrace, AppArmorWords.Ptraces) is { } word ? (PtraceAccess)Array.IndexOf(AppArmorWords.Ptraces, word) : PtraceAccess.None,
            Mounts = Of(spec, "mounts", node => _values.Plain.List(node, "a list of mounts with 'type' and 'at'", ReadMount)),
        };
    }

    private AppArmorDescription ReadFiles(YamlMapping files, AppArmorDescription profile) => profile with
    {
        Read = Of(files, "read", _values.Paths),
        Write = Of(files, "write", _values.Paths),
        Map = Of(files, "map", _values.Paths),
        Execute = Of(files, "execute", _values.Paths),
        DeniedFiles = Of(files, "deny", node => _values.Plain.List(node, "a list of denials with 'paths' and 'access'", ReadDenial)),
    };

    private AppArmorDescription ReadNetwork(YamlMapping network, AppArmorDescription profile) => profile with
    {
        Networks = network.Find("allow") is YamlScalar { Text: "all" } ? null : Of(network, "allow", _values.Networks),
        DeniedNetworks = Of(network, "deny", _values.Networks),
    };

    private FileDenial? ReadDenial(YamlNode node)
    {
        if (Fields(node, "a denial with 'paths' and 'access'", s_denialFields, "paths", "access") is not { } fields)
        {
            return null;
        }

        string[]? paths = _values.Paths(fields.Find("paths")!);
        string[]? access = _values.Plain.Choices(fields.Find("access")!, AppArmorWords.Accesses);
        if (access is [])
        {
            report.Error("empty-list", fields.Find("access")!.Location, $"An empty list denies nothing. Name one of {string.Join(", ", AppArmorWords.Accesses)}.");
        }

        bool isLogged = fields.Find("log") is not { } log || _values.Plain.Truth(log) is not false;
        return paths is null || access is null ? null : new FileDenial(paths, access, isLogged);
    }

    private MountRule? ReadMount(YamlNode node)
    {
        if (Fields(node, "a mount with 'type' and 'at'", s_mountFields, "type", "at") is not { } fields)
        {
            return null;
        }

        string? type = _values.FileSystem(fields.Find("type")!);
        string? at = _values.Path(fields.Find("at")!);
        return type is null || at is null ? null : new MountRule(type, at);
    }

    private YamlMapping? Section(YamlMapping spec, string name, string[] known)
        => spec.Find(name) is { } node ? Fields(node, $"a mapping with {string.Join(", ", known)}", known) : null;

    private YamlMapping? Fields(YamlNode node, string expected, string[] known, params string[] needed)
    {
        if (node is not YamlMapping fields)
        {
            _values.Plain.WrongType(node, expected);
            return null;
        }

        int before = report.ErrorCount;
        DocumentHeader.ReportUnknown(fields, known, expected, report);
        foreach (string name in needed.Where(name => fields.Find(name) is null))
        {
            report.Error("missing-field", fields.Location, $"'{name}' is missing here, expected {expected}.");
        }

        return report.ErrorCount > before && needed.Length > 0 ? null : fields;
    }

    private static T[] Of<T>(YamlMapping mapping, string name, Func<YamlNode, T[]?> read) => mapping.Find(name) is { } node ? read(node) ?? [] : [];
}
