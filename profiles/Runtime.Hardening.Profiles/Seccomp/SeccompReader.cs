using System.Text.Json;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>Reads a profile and refuses what runtimes refuse or read differently.</summary>
internal static class SeccompReader
{
    private static readonly string[] s_profileKeys = ["defaultAction", "defaultErrnoRet", "architectures", "syscalls"];
    private static readonly string[] s_ruleKeys = ["names", "action", "errnoRet", "args"];
    private static readonly string[] s_scopedProfileKeys = [.. s_profileKeys, "archMap"];
    private static readonly string[] s_scopedRuleKeys = [.. s_ruleKeys, "includes", "excludes"];
    private static readonly string[] s_argumentKeys = ["index", "value", "valueTwo", "op"];
    private static readonly string[] s_operators =
        ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    /// <param name="utf8">The profile.</param>
    /// <param name="where">For messages.</param>
    /// <param name="held">Whose rules are meant, where they say so; null for a profile of the OCI form, in which such members mean nothing.</param>
    public static SeccompProfile Read(ReadOnlySpan<byte> utf8, string where, CapabilitySet? held)
    {
        try
        {
            return ReadProfile(utf8, held);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HardeningFormatException($"{where}: {e.Message}.", e);
        }
    }

    private static SeccompProfile ReadProfile(ReadOnlySpan<byte> utf8, CapabilitySet? held)
    {
        string? action = null;
        uint? errno = null;
        string[] architectures = [];
        ReadOnlySpan<byte> syscalls = default;
        var others = new List<(string, byte[])>();
        var seen = new Seen(held is null ? s_profileKeys : s_scopedProfileKeys);
        var reader = new Utf8JsonReader(utf8);
        JsonMembers.Open(ref reader, "seccomp");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int key = seen.Take(ref reader);
            string name = key < 0 ? reader.GetString()! : "";
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            switch (key)
            {
                case 0:
                    action = Text(ref reader, "defaultAction");
                    break;
                case 1:
                    errno = Errno(ref reader, "defaultErrnoRet");
                    break;
                case 2:
                    architectures = Texts(ref reader, "architectures");
                    break;
                case 3:
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    syscalls = utf8[start..(int)reader.BytesConsumed];
                    break;
                case 4:
                    architectures = RuleScope.ReadArchitectures(ref reader);
                    break;
                default:
                    int from = (int)reader.TokenStartIndex;
                    reader.Skip();
                    if (held is null || name != SeccompProfile.Header)
                    {
                        others.Add((name, utf8[from..(int)reader.BytesConsumed].ToArray()));
                    }

                    break;
            }
        }

        if (!SeccompResult.TryParse(action ?? "", errno, out SeccompResult result))
        {
            throw new JsonException(action is null ? "it has no defaultAction" : $"defaultAction '{action}' is unknown");
        }

        var profile = new SeccompProfile { Default = result, Architectures = architectures, OtherMembers = [.. others] };
        if (!syscalls.IsEmpty)
        {
            ReadRules(syscalls, profile, held);
        }

        return profile;
    }

    private static void ReadRules(ReadOnlySpan<byte> utf8, SeccompProfile profile, CapabilitySet? held)
    {
        var reader = new Utf8JsonReader(utf8);
        JsonMembers.OpenArray(ref reader, "syscalls");
        int conditional = 0;
        while (JsonMembers.NextObject(ref reader, "syscalls"))
        {
            conditional += ReadRule(ref reader, profile, held, SeccompProfile.MostConditionalRules - conditional);
        }
    }

    // Gives how many rules with conditions it made.
    private static int ReadRule(ref Utf8JsonReader reader, SeccompProfile profile, CapabilitySet? held, int most)
    {
        string[] names = [];
        string? action = null;
        uint? errno = null;
        List<SeccompCondition>? conditions = null;
        bool isMeant = true;
        var seen = new Seen(held is null ? s_ruleKeys : s_scopedRuleKeys);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int key = seen.Take(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            switch (key)
            {
                case 0:
                    names = Texts(ref reader, "names");
                    break;
                case 1:
                    action = Text(ref reader, "action");
                    break;
                case 2:
                    errno = Errno(ref reader, "errnoRet");
                    break;
                case 3:
                    conditions = ReadConditions(ref reader);
                    break;
                case 4:
                    isMeant &= RuleScope.Includes(ref reader, held!.Value);
                    break;
                case 5:
                    isMeant &= !RuleScope.Excludes(ref reader, held!.Value);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (!SeccompResult.TryParse(action ?? "", errno, out SeccompResult result))
        {
            throw new JsonException($"a rule for '{(names.Length > 0 ? names[0] : "")}' has the unknown action '{action}'");
        }

        // An index that comes twice makes a rule of every condition. In 64 bits: a megabyte holds enough of both to overflow.
        long made = conditions is not { Count: > 0 } ? 0 : IsOneRule(conditions) ? names.Length : (long)names.Length * conditions.Count;
        if (made > most)
        {
            throw new JsonException($"syscalls has more than {SeccompProfile.MostConditionalRules} rules with conditions, and a kernel's filter has at most as many instructions");
        }

        foreach (string name in isMeant ? names : [])
        {
            AddRule(profile, name, result, conditions);
            if (made > 0 && profile.Table.TryGetValue(name, out SyscallOutcome outcome) && outcome.Conditional.Length > SeccompProfile.MostConditionalRulesOfACall)
            {
                throw new JsonException($"'{name}' has more than {SeccompProfile.MostConditionalRulesOfACall} rules with conditions, and nobody means that");
            }
        }

        return (int)made;
    }

    private static void AddRule(SeccompProfile profile, string name, SeccompResult result, List<SeccompCondition>? conditions)
    {
        if (conditions is null || conditions.Count == 0)
        {
            profile.Add(name, result, []);
        }
        else if (!IsOneRule(conditions))
        {
            // Two conditions on one argument: runc and crun make a rule of each, so "and" silently becomes "or". That is what we model.
            foreach (SeccompCondition condition in conditions)
            {
                profile.Add(name, result, [condition]);
            }
        }
        else
        {
            profile.Add(name, result, [.. conditions.OrderBy(static condition => condition.Index)]);
        }
    }

    // There are six arguments.
    private static bool IsOneRule(List<SeccompCondition> conditions)
        => conditions.Count <= 6 && conditions.DistinctBy(static condition => condition.Index).Count() == conditions.Count;

    private static List<SeccompCondition> ReadConditions(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonMembers.Unexpected(ref reader, "args", "an array");
        }

        var conditions = new List<SeccompCondition>();
        while (JsonMembers.NextObject(ref reader, "args"))
        {
            ulong index = 0, value = 0, valueTwo = 0;
            string op = "";
            var seen = new Seen(s_argumentKeys);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                switch (seen.Take(ref reader))
                {
                    case 0:
                        index = JsonMembers.Unsigned(ref reader, "index");
                        break;
                    case 1:
                        value = JsonMembers.Unsigned(ref reader, "value");
                        break;
                    case 2:
                        valueTwo = JsonMembers.Unsigned(ref reader, "valueTwo");
                        break;
                    case 3:
                        op = JsonMembers.Text(ref reader, "op");
                        break;
                    default:
                        JsonMembers.Skip(ref reader);
                        break;
                }
            }

            if (index > 5)
            {
                throw new JsonException($"args has index {index}, and a system call has arguments 0 to 5");
            }

            if (Array.IndexOf(s_operators, op) < 0)
            {
                throw new JsonException($"args has the unknown operator '{op}'");
            }

            conditions.Add(new SeccompCondition((uint)index, op, value, op == "SCMP_CMP_MASKED_EQ" ? valueTwo & value : 0));   // only a mask has two values, and libseccomp masks both sides
        }

        return conditions;
    }

    private static string Text(ref Utf8JsonReader reader, string what)
        => reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw JsonMembers.Unexpected(ref reader, what, "a string");

    private static string[] Texts(ref Utf8JsonReader reader, string what)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw JsonMembers.Unexpected(ref reader, what, "an array");
        }

        var texts = new List<string>();
        while (JsonMembers.NextElement(ref reader))
        {
            texts.Add(Text(ref reader, what));
        }

        return [.. texts];
    }

    // A filter's answer has 16 bits for it, and runtimes cut off the rest.
    private static uint Errno(ref Utf8JsonReader reader, string what)
        => reader.TokenType == JsonTokenType.Number && reader.TryGetUInt32(out uint value)
            ? value & ushort.MaxValue
            : throw JsonMembers.Unexpected(ref reader, what, $"a whole number from 0 to {uint.MaxValue}");

    /// <summary>Finds our keys in an object and refuses a second spelling or a second occurrence of one.</summary>
    private ref struct Seen(string[] keys)
    {
        private uint _taken;

        /// <summary>The index of the key the reader stands on, or -1 when it is none of ours.</summary>
        public int Take(ref Utf8JsonReader reader)
        {
            for (int i = 0; i < keys.Length; i++)
            {
                if (reader.ValueTextEquals(keys[i]))
                {
                    if ((_taken & (1u << i)) != 0)
                    {
                        throw new JsonException($"'{keys[i]}' stands there twice, and runtimes disagree on which one counts");
                    }

                    _taken |= 1u << i;
                    return i;
                }
            }

            string name = reader.GetString()!;
            foreach (string key in keys)
            {
                if (SpecKeys.Clashes(name, key))
                {
                    throw new JsonException($"'{name}' is a second spelling of '{key}', and runtimes disagree on it");
                }
            }

            return -1;
        }
    }
}
