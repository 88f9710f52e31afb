using System.Globalization;
using System.Runtime.InteropServices;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Names and numbers of system calls, as the newest libseccomp knows them: <c>syscalls.csv</c>, which <c>make.sh</c> beside it writes.</summary>
public static class SyscallTable
{
    private const int None = -1;

    private static readonly SeccompArchitecture[] s_architectures =
    [
        new(0, "SCMP_ARCH_X86_64", 0xC000003E, 64),
        new(1, "SCMP_ARCH_X86", 0x40000003, 32) { HasMultiplexer = true },
        new(2, "SCMP_ARCH_X32", 0xC000003E, 32) { NumberBit = 0x40000000 },
        new(3, "SCMP_ARCH_AARCH64", 0xC00000B7, 64),
        new(4, "SCMP_ARCH_ARM", 0x40000028, 32),
        new(5, "SCMP_ARCH_RISCV64", 0xC00000F3, 64),
        new(6, "SCMP_ARCH_S390X", 0x80000016, 64) { IsBigEndian = true, HasMultiplexer = true },
        new(7, "SCMP_ARCH_PPC64LE", 0xC0000015, 64) { HasMultiplexer = true },
    ];

    private static readonly (string Source, Dictionary<string, int[]> Rows) s_table = Read();
    private static readonly Dictionary<int, string>[] s_names = Invert();

    /// <summary>Those that have a column in the table.</summary>
    public static IReadOnlyList<SeccompArchitecture> Architectures => s_architectures;

    /// <summary>The architecture of this machine; x86-64 where the table has none for it.</summary>
    public static SeccompArchitecture Native { get; } = Find(RuntimeInformation.OSArchitecture switch
    {
        Architecture.Arm64 => "SCMP_ARCH_AARCH64",
        Architecture.Arm => "SCMP_ARCH_ARM",
        Architecture.RiscV64 => "SCMP_ARCH_RISCV64",
        Architecture.S390x => "SCMP_ARCH_S390X",
        Architecture.Ppc64le => "SCMP_ARCH_PPC64LE",
        _ => "SCMP_ARCH_X86_64",
    })!;

    /// <summary>Every name that some architecture has, also one without a column.</summary>
    public static IReadOnlyCollection<string> Names => s_table.Rows.Keys;

    /// <summary>What the table was made from, for people.</summary>
    public static string Source => s_table.Source;

    /// <summary>An architecture by its name in a profile; null for one that has no column.</summary>
    public static SeccompArchitecture? Find(string name) => Array.Find(s_architectures, architecture => architecture.Name == name);

    /// <summary>The call's number there, on x32 with bit 30; null where it does not exist.</summary>
    public static int? Number(SeccompArchitecture architecture, string name)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return s_table.Rows.TryGetValue(name, out int[]? row) && row[architecture.Index] != None ? row[architecture.Index] | (int)architecture.NumberBit : null;
    }

    /// <summary>The call of that number, on x32 with or without bit 30; null where there is none.</summary>
    public static string? Name(SeccompArchitecture architecture, int number)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        return s_names[architecture.Index].GetValueOrDefault(number & ~(int)architecture.NumberBit);
    }

    /// <summary>Whether libseccomp knows the name at all; it ignores rules for others.</summary>
    internal static bool IsKnown(string name) => s_table.Rows.ContainsKey(name);

    /// <summary>Bit i is set where the i-th architecture has the call; 0 for an unknown name.</summary>
    internal static uint Mask(string name)
    {
        uint mask = 0;
        if (s_table.Rows.TryGetValue(name, out int[]? row))
        {
            for (int i = 0; i < row.Length; i++)
            {
                mask |= row[i] == None ? 0 : 1u << i;
            }
        }

        return mask;
    }

    private static (string, Dictionary<string, int[]>) Read()
    {
        using Stream stream = typeof(SyscallTable).Assembly.GetManifestResourceStream("syscalls.csv")!;
        using var reader = new StreamReader(stream);
        string source = reader.ReadLine()!.TrimStart('#', ' ').Split(';')[0];
        string header = "name," + string.Join(',', s_architectures.Select(static architecture => architecture.Name["SCMP_ARCH_".Length..]));
        if (reader.ReadLine() is var columns && columns != header)
        {
            throw new InvalidDataException($"syscalls.csv has the columns '{columns}', and '{header}' were expected.");
        }

        var rows = new Dictionary<string, int[]>(600, StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            string[] cells = line.Split(',');
            rows.Add(cells[0], [.. cells.Skip(1).Select(static cell => cell.Length == 0 ? None : int.Parse(cell, CultureInfo.InvariantCulture))]);
        }

        return (source, rows);
    }

    private static Dictionary<int, string>[] Invert()
    {
        var names = new Dictionary<int, string>[s_architectures.Length];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = [];
            foreach ((string name, int[] row) in s_table.Rows)
            {
                if (row[i] != None)
                {
                    names[i].Add(row[i], name);   // throws where two names share a number, and then more than this file would have to change
                }
            }
        }

        return names;
    }
}
