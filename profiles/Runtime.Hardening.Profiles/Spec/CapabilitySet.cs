using System.Numerics;

namespace Runtime.Hardening.Profiles.Spec;

/// <summary>A set of Linux capabilities (capabilities(7)), one bit a capability as in <c>/proc/PID/status</c>.</summary>
/// <param name="Bits">Bit n is capability number n.</param>
public readonly record struct CapabilitySet(ulong Bits)
{
    // The order is the kernel's numbering (include/uapi/linux/capability.h), 0 to CAP_LAST_CAP.
    private static readonly string[] s_names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
        "CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
        "CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
        "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
    ];

    /// <summary>No capability.</summary>
    public static CapabilitySet None => default;

    /// <summary>Every capability this version knows.</summary>
    public static CapabilitySet All => new((1UL << s_names.Length) - 1);

    /// <summary>The known names in the kernel's order.</summary>
    public static ReadOnlySpan<string> KnownNames => s_names;

    /// <summary>The set of these capabilities, by their full names.</summary>
    /// <exception cref="ArgumentException">A name is not known.</exception>
    public static CapabilitySet Of(params ReadOnlySpan<string> names)
    {
        CapabilitySet set = None;
        foreach (string name in names)
        {
            set = TryParse(name, out CapabilitySet one) ? set.Union(one) : throw new ArgumentException($"'{name}' is no capability that this version knows.");
        }

        return set;
    }

    /// <summary>How many capabilities the set has.</summary>
    public int Count => BitOperations.PopCount(Bits);

    /// <summary>Finds a capability by its full upper-case name, as we write it ourselves.</summary>
    /// <returns>False when the name is not known.</returns>
    public static bool TryParse(string name, out CapabilitySet capability)
    {
        int number = Array.IndexOf(s_names, name);
        capability = number < 0 ? default : new CapabilitySet(1UL << number);
        return number >= 0;
    }

    /// <summary>
    /// What a runtime may take a name for. runc knows the upper-case names alone; crun asks libcap, which knows them in any case, takes a number (decimal, octal
    /// or hexadecimal) for a name, and looks at nothing that follows either.
    /// </summary>
    /// <returns>False when it is a capability to none.</returns>
    public static bool TryRead(string name, out CapabilitySet capability)
    {
        if (TryParse(name, out capability))
        {
            return true;
        }

        int number = name.Length > 0 && char.IsAsciiDigit(name[0]) ? NumberIn(name)
            : Array.FindIndex(s_names, known => name.StartsWith(known, StringComparison.OrdinalIgnoreCase)
                && (name.Length == known.Length || !(char.IsAsciiLetter(name[known.Length]) || name[known.Length] == '_')));
        capability = number is >= 0 and < 64 ? new CapabilitySet(1UL << number) : default;
        return capability.Bits != 0;
    }

    // strtoul(3) in base 0; a number that is too large is none.
    private static int NumberIn(string text)
    {
        bool isHex = text.Length > 2 && text[0] == '0' && text[1] is 'x' or 'X' && char.IsAsciiHexDigit(text[2]);
        int radix = isHex ? 16 : text[0] == '0' ? 8 : 10;
        int number = 0;
        foreach (char digit in text.AsSpan(isHex ? 2 : 0))
        {
            int value = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (value >= radix)
            {
                break;
            }

            number = Math.Min((number * radix) + value, 1000);
        }

        return number;
    }

    /// <summary>Whether every capability of <paramref name="other"/> is in this set.</summary>
    public bool Contains(CapabilitySet other) => (Bits & other.Bits) == other.Bits;

    /// <summary>The capabilities that are in both sets.</summary>
    public CapabilitySet Intersect(CapabilitySet other) => new(Bits & other.Bits);

    /// <summary>The capabilities that are in either set.</summary>
    public CapabilitySet Union(CapabilitySet other) => new(Bits | other.Bits);

    /// <summary>The names in the kernel's order; bits beyond the known ones are left out.</summary>
    public string[] ToNames()
    {
        var names = new List<string>(Count);
        for (int number = 0; number < s_names.Length; number++)
        {
            if ((Bits & (1UL << number)) != 0)
            {
                names.Add(s_names[number]);
            }
        }

        return [.. names];
    }

    /// <summary>The names without their common prefix, for people: <c>NET_BIND_SERVICE KILL</c>, or <c>none</c>.</summary>
    public override string ToString()
        => Bits == 0 ? "none" : string.Join(' ', ToNames().Select(static name => name["CAP_".Length..]));
}
