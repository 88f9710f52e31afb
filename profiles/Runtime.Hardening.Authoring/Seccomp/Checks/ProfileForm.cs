using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>
/// Checks that a profile has the form that every runtime takes, and reads its rules on the way. Every mistake is reported; what a profile means is for others to judge.
/// Members that nobody knows are no mistake here: they are kept.
/// </summary>
internal sealed class ProfileForm
{
    private const ulong LargestErrno = 4095;   // MAX_ERRNO of the kernel

    private readonly ProfileDialect _dialect;
    private readonly LintReport _report;
    private readonly FormReader _form;
    private readonly List<ProfileRule> _rules = [];
    private readonly Dictionary<string, long> _ofCall = new(StringComparer.Ordinal);
    private long _conditional;
    private bool _hasTooMany;

    private ProfileForm(ProfileDialect dialect, LintReport report) => (_dialect, _report, _form) = (dialect, report, new FormReader(report));

    /// <summary>Null when it is no object. Else the rules that could be read; with errors in the report they are not all.</summary>
    public static ProfileDocument? Check(string file, JToken json, ProfileDialect dialect, LintReport report)
    {
        ProfileForm form = new(dialect, report);
        if (json is not JObject profile)
        {
            form._form.WrongType(json, "an object: the value of linux.seccomp");
            return null;
        }

        SeccompResult? @default = form.Profile(profile);
        return new ProfileDocument(file, profile, dialect, @default ?? default, form._rules) { HasDefault = @default is not null, IsComparable = !form._hasTooMany };
    }

    /// <summary>Whether something in it is only known to Docker's format.</summary>
    public static bool IsDocker(JObject profile) => FindDocker(profile) is not null;

    private SeccompResult? Profile(JObject profile)
    {
        if (_dialect == ProfileDialect.Oci && FindDocker(profile) is { } docker)
        {
            _report.Error("docker-format", docker.Place(),
                $"'{docker.Name}' belongs to Docker's profile format. This needs the OCI form, as it stands in linux.seccomp of a config.json: make it with 'hardenctl seccomp resolve'.");
        }

        _form.SecondSpellings(profile, ProfileWords.RootFields);
        string? action = _form.Word(profile, "defaultAction", ProfileWords.Actions, required: true);
        int before = _report.ErrorCount;
        ulong? errno = Errno(profile, "defaultErrnoRet", action);
        bool isRead = _report.ErrorCount == before;
        foreach (JToken architecture in _form.List(profile, "architectures"))
        {
            _form.OneOf(architecture, ProfileWords.Architectures);
        }

        foreach (JToken flag in _form.List(profile, "flags"))
        {
            _form.OneOf(flag, ProfileWords.Flags);
        }

        if (_dialect == ProfileDialect.Docker)
        {
            DockerForm.CheckRoot(profile, _form);
        }

        foreach (JToken entry in _form.List(profile, "syscalls"))
        {
            Rule(entry);
        }

        return isRead && action is not null && SeccompResult.TryParse(action, (uint?)errno, out SeccompResult result) ? result : null;
    }

    private void Rule(JToken token)
    {
        if (token is not JObject entry)
        {
            _form.WrongType(token, "an object with names and action");
            return;
        }

        _form.SecondSpellings(entry, _dialect == ProfileDialect.Docker ? [.. ProfileWords.RuleFields, .. ProfileWords.DockerRuleFields] : ProfileWords.RuleFields);
        string? action = _form.Word(entry, "action", ProfileWords.Actions, required: true);
        int errors = _report.ErrorCount;
        ulong? errno = Errno(entry, "errnoRet", action);
        List<SeccompCondition> conditions = [];
        foreach (JToken argument in _form.List(entry, "args"))
        {
            if (Condition(argument) is { } condition)
            {
                conditions.Add(condition);
            }
        }

        // With a part of it unread the entry is another one than was meant, and would be compared as that.
        bool isRead = _report.ErrorCount == errors;
        List<PlacedName> names = Names(entry);
        long before = _conditional;
        // An index that comes twice makes a rule of every condition.
        int each = conditions.Count == 0 ? 0 : conditions.DistinctBy(static condition => condition.Index).Count() < conditions.Count ? conditions.Count : 1;
        _conditional += (long)names.Count * each;
        if (before <= SeccompProfile.MostConditionalRules && _conditional > SeccompProfile.MostConditionalRules)
        {
            _hasTooMany = true;
            _report.Error("too-many-conditions", entry.Place(),
                $"With this entry the profile has more than {SeccompProfile.MostConditionalRules} rules with conditions, and a kernel's filter has at most as many instructions: none loads it. Leave some out.");
        }

        foreach (PlacedName name in each > 0 ? names : [])
        {
            long ofCall = _ofCall.GetValueOrDefault(name.Name);
            _ofCall[name.Name] = ofCall + each;
            if (ofCall <= SeccompProfile.MostConditionalRulesOfACall && ofCall + each > SeccompProfile.MostConditionalRulesOfACall)
            {
                _hasTooMany = true;
                _report.Error("too-many-conditions", entry.Place(),
                    $"With this entry '{name.Name}' has more than {SeccompProfile.MostConditionalRulesOfACall} rules with conditions, and the hook reads no more. Leave some out.");
            }
        }

        if (isRead && action is not null && SeccompResult.TryParse(action, (uint?)errno, out SeccompResult result))
        {
            _rules.Add(new ProfileRule(entry, names, result, conditions, entry.Place()));
        }
    }

    private List<PlacedName> Names(JObject entry)
    {
        if (_dialect == ProfileDialect.Docker)
        {
            DockerForm.CheckRule(entry, _form);
        }
        else
        {
            DockerForm.CheckScopeFields(entry, _form);
        }

        JToken? single = _dialect == ProfileDialect.Docker ? entry["name"] : null;
        if (!entry.ContainsKey("names") && single is null)
        {
            _form.Missing(entry, "names", ": the list of system calls");
        }

        List<PlacedName> names = [];
        foreach (JToken name in _form.List(entry, "names").Concat(single is null or { Type: JTokenType.Null } ? [] : [single]))
        {
            if (_form.Text(name, "the name of a system call") is { } text)
            {
                names.Add(new PlacedName(text, name.Place()));
            }
        }

        return names;
    }

    private SeccompCondition? Condition(JToken token)
    {
        if (token is not JObject argument)
        {
            _form.WrongType(token, "an object with index, value and op");
            return null;
        }

        _form.SecondSpellings(argument, ProfileWords.ArgumentFields);
        ulong? index = _form.Number(argument, "index", 5, required: true);
        ulong? value = _form.Number(argument, "value", ulong.MaxValue, required: true);
        ulong? second = _form.Number(argument, "valueTwo", ulong.MaxValue);
        string? op = _form.Word(argument, "op", ProfileWords.Operators, required: true);
        return index is { } i && value is { } v && op is not null ? new SeccompCondition((uint)i, op, v, second ?? 0) : null;
    }

    private ulong? Errno(JObject value, string field, string? action)
    {
        ulong? errno = value[field] is { Type: JTokenType.Null } ? null : _form.Number(value, field, LargestErrno);
        if (errno is not null && action is not null && !ProfileWords.ErrnoActions.Contains(action))
        {
            _report.Error("stray-errno", value[field]!.Place(), $"'{field}' stands beside '{action}', and crun starts no container with that. Remove it.");
        }

        return errno;
    }

    private static JProperty? FindDocker(JObject profile)
        => profile.Properties().FirstOrDefault(p => ProfileWords.DockerRootFields.Contains(p.Name))
            ?? (profile["syscalls"] as JArray)?.OfType<JObject>().SelectMany(static e => e.Properties()).FirstOrDefault(static p => p.Name is "includes" or "excludes" or "name" or "minKernel");
}
