namespace Runtime.Hardening.Profiles.Seccomp;

/// <summary>The canonical JSON of a profile: equal profiles give equal bytes, so that hardening a hardened spec changes nothing.</summary>
public static class SeccompWriter
{
    /// <summary>The value of linux.seccomp.</summary>
    public static byte[] Write(SeccompProfile profile)
    {
        var writer = new JsonText(16 * 1024);
        writer.OpenObject();
        writer.Member("defaultAction"u8, profile.Default.ActionText());
        if (profile.Default.TakesErrno)
        {
            writer.Member("defaultErrnoRet"u8, profile.Default.Errno);
        }

        if (profile.Architectures.Length > 0)
        {
            writer.OpenArray("architectures"u8);
            foreach (string architecture in profile.Architectures)
            {
                writer.Text(architecture);
            }

            writer.CloseArray();
        }

        foreach ((string key, byte[] json) in profile.OtherMembers)
        {
            writer.Name(System.Text.Encoding.UTF8.GetBytes(key));
            writer.Raw(json);
        }

        writer.OpenArray("syscalls"u8);
        WriteRules(writer, profile);
        writer.CloseArray();
        writer.CloseObject();
        return writer.ToArray();
    }

    private static void WriteRules(JsonText writer, SeccompProfile profile)
    {
        // Two or three results for hundreds of names: looked up one after the other they cost less than in any dictionary.
        var groups = new List<(SeccompResult Result, List<string> Names)>();
        List<string> both = [], conditional = [];
        foreach ((string name, SyscallOutcome outcome) in profile.Table)
        {
            if (outcome.Unconditional is { } result)
            {
                GroupOf(groups, result).Add(name);
            }

            if (outcome.Conditional.Length > 0)
            {
                (outcome.Unconditional is null ? conditional : both).Add(name);
            }
        }

        if (both.Count > 0)
        {
            WriteMultiplexers(writer, groups);
        }

        WriteConditional(writer, profile, both);
        groups.Sort(static (a, b) => a.Result.Action != b.Result.Action ? (int)a.Result.Action - (int)b.Result.Action : a.Result.Errno.CompareTo(b.Result.Errno));
        foreach ((SeccompResult result, List<string> group) in groups)
        {
            if (group.Count > 0)
            {
                WriteRule(writer, InOrder(group), result, []);
            }
        }

        WriteConditional(writer, profile, conditional);
        if (profile.NamedOnly.Count > 0 && profile.Default.Action > SeccompAction.Errno)
        {
            WriteRule(writer, [.. profile.NamedOnly.Order(StringComparer.Ordinal)], profile.Default, []);
        }
    }

    // Two rules for one call are two results for its copy behind a multiplexer, which libseccomp refuses unless the multiplexer's own rule is there before.
    private static void WriteMultiplexers(JsonText writer, List<(SeccompResult Result, List<string> Names)> groups)
    {
        foreach ((SeccompResult result, List<string> names) in groups)
        {
            if (names.FindAll(MultiplexerMeet.IsMultiplexer) is { Count: > 0 } own)
            {
                WriteRule(writer, InOrder(own), result, []);
                names.RemoveAll(MultiplexerMeet.IsMultiplexer);
            }
        }
    }

    private static void WriteConditional(JsonText writer, SeccompProfile profile, List<string> names)
    {
        foreach (string name in InOrder(names))
        {
            foreach (ConditionalRule rule in profile.Table[name].Conditional)
            {
                WriteRule(writer, [name], rule.Result, rule.Conditions);
            }
        }
    }

    private static List<string> GroupOf(List<(SeccompResult Result, List<string> Names)> groups, SeccompResult result)
    {
        foreach ((SeccompResult known, List<string> names) in groups)
        {
            if (known.Equals(result))
            {
                return names;
            }
        }

        List<string> added = [];
        groups.Add((result, added));
        return added;
    }

    // Engines list what they allow in this order, and a meet keeps it: sorting hundreds of names again would be a tenth of a create.
    private static List<string> InOrder(List<string> names)
    {
        for (int i = 1; i < names.Count; i++)
        {
            if (string.CompareOrdinal(names[i - 1], names[i]) > 0)
            {
                names.Sort(StringComparer.Ordinal);
                break;
            }
        }

        return names;
    }

    private static void WriteRule(JsonText writer, IReadOnlyList<string> names, SeccompResult result, SeccompCondition[] conditions)
    {
        writer.OpenObject();
        writer.OpenArray("names"u8);
        foreach (string name in names)
        {
            writer.Text(name);
        }

        writer.CloseArray();
        writer.Member("action"u8, result.ActionText());
        if (result.TakesErrno)
        {
            writer.Member("errnoRet"u8, result.Errno);
        }

        if (conditions.Length > 0)
        {
            writer.OpenArray("args"u8);
            foreach (SeccompCondition condition in conditions)
            {
                writer.OpenObject();
                writer.Member("index"u8, condition.Index);
                writer.Member("value"u8, condition.Value);
                if (condition.ValueTwo != 0)
                {
                    writer.Member("valueTwo"u8, condition.ValueTwo);
                }

                writer.Member("op"u8, condition.Op);
                writer.CloseObject();
            }

            writer.CloseArray();
        }

        writer.CloseObject();
    }
}
