using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>One value for each way in which the conditions on an argument can hold and fail together.</summary>
internal static class ArgumentClasses
{
    private const int MostMasks = 8, MostSteps = 4096;

    /// <summary>The values; a single 0 without conditions; null where there are too many masks to be sure.</summary>
    public static ulong[]? Of(IEnumerable<SeccompCondition> conditions, int bits)
    {
        ulong all = bits == 64 ? ulong.MaxValue : uint.MaxValue;
        var starts = new SortedSet<ulong> { 0 };   // where an interval begins within which no comparison changes
        var masks = new List<(ulong Mask, ulong Value)>();
        foreach (SeccompCondition condition in conditions.Select(condition => condition.In(bits)))
        {
            if (condition.Op == Conditions.MaskedEqual)
            {
                if (!masks.Contains((condition.Value, condition.ValueTwo)))
                {
                    masks.Add((condition.Value, condition.ValueTwo));
                }

                continue;
            }

            starts.Add(condition.Value);
            if (condition.Value < all)
            {
                starts.Add(condition.Value + 1);
            }
        }

        if (masks.Count == 0)
        {
            return [.. starts];
        }

        if (masks.Count > MostMasks)
        {
            return null;
        }

        ulong[] from = [.. starts];
        var values = new List<ulong>();
        for (int i = 0; i < from.Length; i++)
        {
            ulong to = i + 1 < from.Length ? from[i + 1] - 1 : all;
            for (uint wanted = 0; wanted < 1u << masks.Count; wanted++)
            {
                var search = new MaskSearch(masks, wanted, from[i], to);
                if (search.Find() is { } value)
                {
                    values.Add(value);
                }
                else if (search.GaveUp)
                {
                    return null;
                }
            }
        }

        return [.. values];
    }

    /// <summary>Looks for a value within an interval for which exactly the wanted masks match.</summary>
    private sealed class MaskSearch(List<(ulong Mask, ulong Value)> masks, uint wanted, ulong from, ulong to)
    {
        private int _steps;

        public bool GaveUp => _steps > MostSteps;

        public ulong? Find()
        {
            ulong known = 0, value = 0;
            for (int i = 0; i < masks.Count; i++)
            {
                if ((wanted & (1u << i)) != 0)
                {
                    if (((value ^ masks[i].Value) & known & masks[i].Mask) != 0)
                    {
                        return null;
                    }

                    known |= masks[i].Mask;
                    value |= masks[i].Value;
                }
            }

            return Avoid(0, known, value);
        }

        // Each mask that must not match needs one bit that differs.
        private ulong? Avoid(int index, ulong known, ulong value)
        {
            if (++_steps > MostSteps)
            {
                return null;
            }

            while (index < masks.Count && ((wanted & (1u << index)) != 0 || ((value ^ masks[index].Value) & known & masks[index].Mask) != 0))
            {
                index++;
            }

            if (index == masks.Count)
            {
                return Smallest(known, value);
            }

            for (ulong free = masks[index].Mask & ~known; free != 0; free &= free - 1)
            {
                ulong bit = free & (~free + 1);
                if (Avoid(index + 1, known | bit, value | (bit & ~masks[index].Value)) is { } found)
                {
                    return found;
                }
            }

            return null;
        }

        // The smallest value of the interval that has the known bits.
        private ulong? Smallest(ulong known, ulong value)
        {
            if ((from & known) == value)
            {
                return from;
            }

            // It agrees with the interval's start above some bit, has a 1 where that has a 0, and is as small as possible below.
            ulong? best = null;
            for (int bit = 0; bit < 64; bit++)
            {
                ulong one = 1UL << bit, above = ~(one | (one - 1));
                if ((from & one) == 0 && (known & one & ~value) == 0 && ((from ^ value) & known & above) == 0)
                {
                    best = (from & above) | one | (value & (one - 1));
                    break;
                }
            }

            return best <= to ? best : null;
        }
    }
}
