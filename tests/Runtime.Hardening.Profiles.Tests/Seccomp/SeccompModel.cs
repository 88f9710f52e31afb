using System.Text.Json;

namespace Runtime.Hardening.Profiles.Tests.Seccomp;

/// <summary>
/// What a kernel would do with a call under a profile, written a second time from what runc, crun and libseccomp were seen to do: rules that equal the
/// default are dropped, the first unconditional rule hides all others, conditions on one argument are alternatives, and among conditional rules that hold
/// some order fixed by their conditions decides. Which order is libseccomp's secret, so tests try several.
/// </summary>
internal sealed class SeccompModel
{
    private static readonly string[] s_strictness =
    [
        "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY", "SCMP_ACT_ERRNO", "SCMP_ACT_TRAP", "SCMP_ACT_KILL_THREAD",
        "SCMP_ACT_KILL_PROCESS",
    ];

    private readonly Dictionary<string, Answer> _always = [];
    private readonly Dictionary<string, List<Rule>> _conditional = [];

    private SeccompModel(Answer fallback, HashSet<string> architectures) => (Default, Architectures) = (fallback, architectures);

    public Answer Default { get; }

    public HashSet<string> Architectures { get; }

    /// <summary>Whether two rules have the same conditions and different actions: libseccomp refuses that, so the container would not start.</summary>
    public bool IsContradictory { get; private set; }

    public IEnumerable<Condition> AllConditions => _conditional.Values.SelectMany(static rules => rules).SelectMany(static rule => rule.Conditions);

    public static SeccompModel Parse(ReadOnlyMemory<byte> json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement root = document.RootElement;
        var model = new SeccompModel(
            AnswerOf(root, "defaultAction", "defaultErrnoRet"),
            [.. Elements(root, "architectures").Select(static item => item.GetString()!), "SCMP_ARCH_X86_64"]);
        foreach (JsonElement rule in Elements(root, "syscalls"))
        {
            Answer answer = AnswerOf(rule, "action", "errnoRet");
            Condition[] conditions = [.. Elements(rule, "args").Select(ConditionOf)];
            foreach (JsonElement name in Elements(rule, "names"))
            {
                model.Add(name.GetString()!, answer, conditions);
            }
        }

        return model;
    }

    public Answer Ask(string name, ulong[] arguments, int order)
    {
        if (_always.TryGetValue(name, out Answer? always))
        {
            return always;
        }

        return _conditional.TryGetValue(name, out List<Rule>? rules)
            ? rules.Where(rule => Array.TrueForAll(rule.Conditions, condition => condition.Holds(arguments)))
                .OrderBy(rule => Preference(rule, order)).FirstOrDefault()?.Answer ?? Default
            : Default;
    }

    private void Add(string name, Answer answer, Condition[] conditions)
    {
        if (answer == Default)
        {
            return;
        }

        // A mask without a bit always holds, and libseccomp leaves the condition out.
        bool split = conditions.DistinctBy(static condition => condition.Index).Count() < conditions.Length;
        if (split && conditions.Any(IsEmptyMask))
        {
            foreach (Condition condition in conditions)
            {
                Add(name, answer, [condition]);
            }

            return;
        }

        conditions = [.. conditions.Where(static condition => !IsEmptyMask(condition))];
        if (conditions.Length == 0)
        {
            _always.TryAdd(name, answer);
            return;
        }

        Condition[][] alternatives = conditions.DistinctBy(static condition => condition.Index).Count() < conditions.Length
            ? [.. conditions.Select(static condition => new[] { condition })]
            : [[.. conditions.OrderBy(static condition => condition.Index)]];
        List<Rule> rules = _conditional.TryGetValue(name, out List<Rule>? known) ? known : _conditional[name] = [];
        foreach (Condition[] alternative in alternatives)
        {
            IsContradictory |= rules.Exists(rule => rule.Conditions.SequenceEqual(alternative) && rule.Answer != answer);
            rules.Add(new Rule(answer, alternative));
        }
    }

    private static bool IsEmptyMask(Condition condition) => condition is { Op: "SCMP_CMP_MASKED_EQ", Value: 0 };

    // Order 0 is what was seen: a higher argument first, equality first. The others are arbitrary, but the same for the same conditions.
    private static ulong Preference(Rule rule, int order)
    {
        ulong hash = 14695981039346656037UL + (ulong)order;
        foreach (Condition condition in rule.Conditions)
        {
            hash = (hash ^ condition.Index) * 1099511628211UL;
            hash = (hash ^ condition.Value) * 1099511628211UL;
            hash = (hash ^ condition.ValueTwo) * 1099511628211UL;
            hash = (hash ^ (ulong)condition.Op.Length ^ condition.Op[^1]) * 1099511628211UL;
        }

        ulong seen = ((5UL - rule.Conditions[^1].Index) << 1) | (rule.Conditions[^1].Op == "SCMP_CMP_EQ" ? 0UL : 1UL);
        return order == 0 ? (seen << 56) | (hash >> 8) : hash;
    }

    private static Answer AnswerOf(JsonElement element, string actionKey, string errnoKey)
    {
        string action = element.GetProperty(actionKey).GetString()!;
        action = action == "SCMP_ACT_KILL" ? "SCMP_ACT_KILL_THREAD" : action;
        bool takesErrno = action is "SCMP_ACT_ERRNO" or "SCMP_ACT_TRACE";
        return new Answer(
            Array.IndexOf(s_strictness, action),
            takesErrno ? element.TryGetProperty(errnoKey, out JsonElement errno) ? errno.GetUInt32() : 1 : 0);
    }

    private static Condition ConditionOf(JsonElement element) => new(
        element.GetProperty("index").GetUInt32(), element.GetProperty("op").GetString()!, element.GetProperty("value").GetUInt64(),
        element.TryGetProperty("valueTwo", out JsonElement two) && element.GetProperty("op").GetString() == "SCMP_CMP_MASKED_EQ" ? two.GetUInt64() & element.GetProperty("value").GetUInt64() : 0);

    private static JsonElement.ArrayEnumerator Elements(JsonElement element, string key)
        => element.TryGetProperty(key, out JsonElement array) && array.ValueKind == JsonValueKind.Array ? array.EnumerateArray() : default;

    private sealed record Rule(Answer Answer, Condition[] Conditions);

    /// <summary>An action by its strictness, and its errno.</summary>
    internal sealed record Answer(int Strictness, uint Errno)
    {
        /// <summary>Whether it grants nothing that the other does not; of two errnos ENOSYS is the stricter, else the smaller.</summary>
        public bool IsAtLeast(Answer other)
            => Strictness > other.Strictness
                || (Strictness == other.Strictness && (Errno == other.Errno || Errno == 38 || (other.Errno != 38 && Errno < other.Errno)));
    }

    internal readonly record struct Condition(uint Index, string Op, ulong Value, ulong ValueTwo)
    {
        public bool Holds(ulong[] arguments)
        {
            ulong given = arguments[Index];
            return Op switch
            {
                "SCMP_CMP_NE" => given != Value,
                "SCMP_CMP_LT" => given < Value,
                "SCMP_CMP_LE" => given <= Value,
                "SCMP_CMP_EQ" => given == Value,
                "SCMP_CMP_GE" => given >= Value,
                "SCMP_CMP_GT" => given > Value,
                _ => (given & Value) == (ValueTwo & Value),   // libseccomp masks both sides
            };
        }
    }
}
