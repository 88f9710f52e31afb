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
        string[] names = [.. profile.Outcomes.Keys];
        if (!IsSorted(names))
        {
            Array.Sort(names, StringComparer.Ordinal);
        }

        // Two or three results for hundreds of names: looked up one after the other they cost less than in any dictionary.
        var groups = new List<(SeccompResult Result, List<string> Names)>();
        foreach (string name in names)
        {
            if (profile.Outcomes[name].Unconditional is { } result)
            {
                GroupOf(groups, result).Add(name);
            }
        }

        groups.Sort(static (a, b) => a.Result.Action != b.Result.Action ? (int)a.Result.Action - (int)b.Result.Action : a.Result.Errno.CompareTo(b.Result.Errno));
        foreach ((SeccompResult result, List<string> group) in groups)
        {
            WriteRule(writer, group, result, []);
        }

        foreach (string name in names)
        {
            foreach (ConditionalRule rule in profile.Outcomes[name].Conditional)
            {
                WriteRule(writer, [name], rule.Result, rule.Conditions);
            }
        }

        if (profile.NamedOnly.Count > 0 && profile.Default.Action > SeccompAction.Errno)
        {
            WriteRule(writer, [.. profile.NamedOnly.Order(StringComparer.Ordinal)], profile.Default, []);
        }
    }

    private static List<string> GroupOf(List<(SeccompResult Result, List<string> Names)> groups, SeccompResult result)
    {
        foreach ((SeccompResult known, List<string> names) in groups)
        {
            if (known == result)
            {
                return names;
            }
        }

        List<string> added = [];
        groups.Add((result, added));
        return added;
    }

    // Engines list their calls in this order, and a meet keeps it: sorting again would be a tenth of a create.
    private static bool IsSorted(string[] names)
    {
        for (int i = 1; i < names.Length; i++)
        {
            if (string.CompareOrdinal(names[i - 1], names[i]) > 0)
            {
                return false;
            }
        }

        return true;
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
