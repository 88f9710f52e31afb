using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Conditions as libseccomp compares them in 64 or in 32 bits.</summary>
internal static class Conditions
{
    public const string MaskedEqual = "SCMP_CMP_MASKED_EQ";

    /// <summary>The condition with the constants that are really compared.</summary>
    public static SeccompCondition In(this SeccompCondition condition, int bits)
    {
        ulong all = bits == 64 ? ulong.MaxValue : uint.MaxValue;
        ulong value = condition.Value & all;
        return condition with { Value = value, ValueTwo = condition.Op == MaskedEqual ? condition.ValueTwo & value : 0 };
    }

    /// <summary>Whether libseccomp leaves the condition out, because its mask has no bit.</summary>
    public static bool AlwaysHolds(this SeccompCondition condition, int bits) => condition.Op == MaskedEqual && condition.In(bits).Value == 0;

    /// <summary>Whether it holds for the value.</summary>
    public static bool Holds(this SeccompCondition condition, ulong value, int bits)
    {
        SeccompCondition compared = condition.In(bits);
        ulong given = bits == 64 ? value : (uint)value;
        return compared.Op switch
        {
            "SCMP_CMP_NE" => given != compared.Value,
            "SCMP_CMP_LT" => given < compared.Value,
            "SCMP_CMP_LE" => given <= compared.Value,
            "SCMP_CMP_EQ" => given == compared.Value,
            "SCMP_CMP_GE" => given >= compared.Value,
            "SCMP_CMP_GT" => given > compared.Value,
            _ => (given & compared.Value) == compared.ValueTwo,
        };
    }
}
