using Runtime.Hardening.Profiles.Tests.Inputs;

namespace Runtime.Hardening.Profiles.Tests.Seccomp;

/// <summary>Calls worth asking about: every name, and arguments around every constant that the profiles compare with.</summary>
internal static class Calls
{
    public static IEnumerable<(string Name, ulong[] Arguments)> Around(System.Random random, params SeccompModel[] models)
    {
        var pools = new List<ulong>[6];
        for (int i = 0; i < pools.Length; i++)
        {
            pools[i] = [0, ulong.MaxValue, unchecked((ulong)random.NextInt64(long.MinValue, long.MaxValue))];
        }

        foreach (SeccompModel.Condition condition in models.SelectMany(static model => model.AllConditions))
        {
            ulong value = condition.Value, two = condition.ValueTwo;
            pools[condition.Index].AddRange([unchecked(value - 1), value, unchecked(value + 1), two, two | ~value, value & two]);
        }

        foreach (string name in (string[])[.. SeccompMaker.Names, "a_name_in_no_profile"])
        {
            for (int i = 0; i < 16; i++)
            {
                yield return (name, [.. pools.Select(pool => pool[random.Next(pool.Count)])]);
            }
        }
    }

    /// <summary>Fails when the tight one answers anything more loosely than the loose one does.</summary>
    public static void AssertNeverWeaker(SeccompModel tight, SeccompModel loose, System.Random random, Func<string> describe)
    {
        foreach ((string name, ulong[] arguments) in Around(random, tight, loose))
        {
            for (int order = 0; order < 3; order++)
            {
                SeccompModel.Answer given = tight.Ask(name, arguments, order), bound = loose.Ask(name, arguments, order);
                if (!given.IsAtLeast(bound))
                {
                    Assert.Fail($"{name}({string.Join(", ", arguments)}) in order {order}: {given} is weaker than {bound}. {describe()}");
                }
            }
        }

        Assert.Subset(loose.Architectures, tight.Architectures);
    }
}
