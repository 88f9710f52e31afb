using System.Globalization;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Checks the form of a profile in OCI JSON, and what runc or crun would refuse or silently misread.</summary>
internal sealed class SeccompChecks
{
    private const ulong LargestErrno = 4095;   // MAX_ERRNO of the kernel

    private static readonly string[] s_rootFields = ["defaultAction", "defaultErrnoRet", "architectures", "flags", "listenerPath", "listenerMetadata", "syscalls"];
    private static readonly string[] s_dockerFields = ["archMap", "includes", "excludes", "comment", "minKernel"];
    private static readonly string[] s_ruleFields = ["names", "action", "errnoRet", "args"];
    private static readonly string[] s_argumentFields = ["index", "value", "valueTwo", "op"];
    private static readonly string[] s_errorActions = ["SCMP_ACT_ERRNO", "SCMP_ACT_TRACE"];
    private static readonly string[] s_actions =
        ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP"];

    private static readonly string[] s_operators =
        ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    private static readonly string[] s_architectures =
    [
        "SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64",
        "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
        "SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
    ];

    private readonly string _file;
    private readonly LintReport _report;

    private SeccompChecks(string file, LintReport report) => (_file, _report) = (file, report);

    public static void Run(string file, JToken root, LintReport report) => new SeccompChecks(file, report).Check(root);

    private void Check(JToken root)
    {
        if (root is not JObject profile)
        {
            WrongType(root, "an object: the value of linux.seccomp");
            return;
        }

        if (profile.Properties().FirstOrDefault(p => s_dockerFields.Contains(p.Name)) is { } docker)
        {
            _report.Error("docker-format", Place(docker), $"'{docker.Name}' belongs to Docker's profile format. A policy needs the OCI form, as it stands in linux.seccomp of a config.json.");
            return;
        }

        KnownFields(profile, s_rootFields, "a profile");
        string? defaultAction = Word(profile, "defaultAction", s_actions, required: true);
        Number(profile, "defaultErrnoRet", LargestErrno);
        if (profile["defaultErrnoRet"] is { } errno && defaultAction is not null && !s_errorActions.Contains(defaultAction))
        {
            _report.Error("stray-errno", Place(errno), $"'defaultErrnoRet' stands beside '{defaultAction}', and crun refuses that. Remove it.");
        }

        foreach (JToken architecture in List(profile, "architectures"))
        {
            OneOf(architecture, s_architectures);
        }

        Unusable(profile, "flags", "runc below 1.2 starts no container with any flag. Remove it.");
        Unusable(profile, "listenerPath", "no action of a policy notifies a listener. Remove it.");
        Unusable(profile, "listenerMetadata", "no action of a policy notifies a listener. Remove it.");
        List<SyscallEntry> rules = [];
        foreach (JToken entry in List(profile, "syscalls"))
        {
            CheckEntry(entry, defaultAction, rules);
        }

        SeccompConflicts.Run(rules, _report);
        if (defaultAction is not (null or "SCMP_ACT_ALLOW" or "SCMP_ACT_LOG"))
        {
            WarnOfFloor(profile, rules);
        }
    }

    private void CheckEntry(JToken token, string? defaultAction, List<SyscallEntry> rules)
    {
        if (token is not JObject entry)
        {
            WrongType(token, "an object with names and action");
            return;
        }

        KnownFields(entry, s_ruleFields, "an entry of syscalls");
        string? action = Word(entry, "action", s_actions, required: true);
        Number(entry, "errnoRet", LargestErrno);
        if (entry["errnoRet"] is { } errno && action is not null && !s_errorActions.Contains(action))
        {
            _report.Error("stray-errno", Place(errno), $"'errnoRet' stands beside '{action}', and crun starts no container with that. Remove it.");
        }
        else if (entry["errnoRet"] is JValue { Type: JTokenType.Integer } zero && Convert.ToString(zero.Value, CultureInfo.InvariantCulture) == "0")
        {
            _report.Error("errno-zero", Place(zero), "'errnoRet: 0' makes the call report success without doing anything. Give an errno, such as 1 (EPERM) or 38 (ENOSYS).");
        }

        string conditions = Conditions(entry);
        if (!entry.ContainsKey("names"))
        {
            _report.Error("missing-field", Place(entry), "The entry has no 'names'. Add the list of system calls.");
        }

        string outcome = action == "SCMP_ACT_ERRNO" ? $"{action}/{entry["errnoRet"] ?? "1"}" : action ?? "";
        foreach (JToken name in List(entry, "names"))
        {
            if (name is not JValue { Type: JTokenType.String, Value: string { Length: > 0 } text })
            {
                WrongType(name, "the name of a system call");
            }
            else if (action is not null)
            {
                rules.Add(new SyscallEntry(text, outcome, conditions, Place(name)));
            }
        }

        // Same action, same errno: the runtimes drop the rule, so it can never override anything.
        if (action is not null && action == defaultAction && (action != "SCMP_ACT_ERRNO" || JToken.DeepEquals(entry["errnoRet"] ?? 1, token.Root["defaultErrnoRet"] ?? 1)))
        {
            _report.Warning("rule-is-default", Place(entry), $"The entry does what the default does ('{action}'), so runtimes drop it. Remove it.");
        }
    }

    private string Conditions(JObject entry)
    {
        List<string> conditions = [];
        HashSet<string> indices = [];
        foreach (JToken token in List(entry, "args"))
        {
            if (token is not JObject argument)
            {
                WrongType(token, "an object with index, value and op");
                continue;
            }

            KnownFields(argument, s_argumentFields, "a condition");
            Number(argument, "index", 5, required: true);
            Number(argument, "value", ulong.MaxValue, required: true);
            Number(argument, "valueTwo", ulong.MaxValue);
            string? comparison = Word(argument, "op", s_operators, required: true);
            if (!indices.Add($"{argument["index"]}"))
            {
                _report.Error("same-index", Place(argument),
                    $"Argument {argument["index"]} is compared twice in one entry. Runtimes make two rules of that, and either one allows: write one entry for each, with EQ.");
            }

            conditions.Add($"{argument["index"]} {comparison} {argument["value"]} {argument["valueTwo"] ?? 0}");
        }

        conditions.Sort(StringComparer.Ordinal);
        return string.Join(";", conditions);
    }

    private void WarnOfFloor(JObject profile, List<SyscallEntry> rules)
    {
        HashSet<string> allowed = [.. rules.Where(r => r.Outcome is "SCMP_ACT_ALLOW" or "SCMP_ACT_LOG").Select(r => r.Name)];
        string[] missing = [.. RuntimeFloor.Required.Concat(RuntimeFloor.Sometimes).Where(n => !allowed.Contains(n))];
        if (missing.Length > 0)
        {
            _report.Warning("below-floor", Place(profile),
                $"The profile does not allow {string.Join(", ", missing)}, which runc or crun need themselves after the filter is loaded: containers or execs may fail to start. Allow them.");
        }
    }

    private void KnownFields(JObject value, string[] known, string where)
    {
        foreach (JProperty property in value.Properties().Where(p => !known.Contains(p.Name)))
        {
            _report.Error("unknown-field", Place(property), $"Unknown field '{property.Name}' in {where}, expected one of {string.Join(", ", known)}.{DidYouMean.Sentence(property.Name, known)}");
        }
    }

    private string? Word(JObject value, string field, string[] words, bool required)
    {
        if (value[field] is { } token)
        {
            return OneOf(token, words) ? (string)token! : null;
        }

        if (required)
        {
            _report.Error("missing-field", Place(value), $"'{field}' is missing. Add it with one of {string.Join(", ", words)}.");
        }

        return null;
    }

    private bool OneOf(JToken token, string[] words)
    {
        if (token is not JValue { Type: JTokenType.String, Value: string text })
        {
            WrongType(token, $"one of {string.Join(", ", words)}");
            return false;
        }

        if (!words.Contains(text))
        {
            string hint = text == "SCMP_ACT_NOTIFY" ? " A policy cannot hand calls to a listener." : DidYouMean.Sentence(text, words);
            _report.Error("unknown-value", Place(token), $"'{text}' is not known here, expected one of {string.Join(", ", words)}.{hint}");
            return false;
        }

        return true;
    }

    private void Number(JObject value, string field, ulong largest, bool required = false)
    {
        JToken? token = value[field];
        if (token is null && required)
        {
            _report.Error("missing-field", Place(value), $"'{field}' is missing. Add it.");
        }
        else if (token is not null && !(token is JValue { Type: JTokenType.Integer } number
            && ulong.TryParse(Convert.ToString(number.Value, CultureInfo.InvariantCulture), NumberStyles.None, CultureInfo.InvariantCulture, out ulong parsed) && parsed <= largest))
        {
            WrongType(token, $"a whole number from 0 to {largest}");
        }
    }

    private JArray List(JObject value, string field)
    {
        if (value[field] is JArray list)
        {
            return list;
        }

        if (value[field] is { Type: not JTokenType.Null } other)
        {
            WrongType(other, "a list");
        }

        return [];
    }

    private void Unusable(JObject profile, string field, string why)
    {
        if (profile[field] is { Type: not JTokenType.Null } token && token is not JArray { Count: 0 })
        {
            _report.Error("not-supported", Place(token), $"The profile has '{field}', but {why}");
        }
    }

    private void WrongType(JToken token, string expected)
        => _report.Error("wrong-type", Place(token), $"Expected {expected}, but this is {token.Type switch { JTokenType.Object => "an object", JTokenType.Array => "a list", JTokenType.Null => "null", _ => $"'{token}'" }}.");

    // The reader stands behind the token when it notes the place, so this is where the token ends.
    private SourceLocation Place(JToken token)
        => token is IJsonLineInfo info && info.HasLineInfo() ? new SourceLocation(_file, info.LineNumber, info.LinePosition) : SourceLocation.Of(_file);
}
