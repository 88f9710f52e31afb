using System.Buffers.Binary;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>
/// One automaton of a compiled AppArmor policy, read as the kernel reads it (security/apparmor/match.c): what a profile permits for every path there can be,
/// not only for the ones that somebody thought of.
/// </summary>
internal sealed class PolicyDfa
{
    public const int Start = 1;

    /// <summary>Class of mounts in the automaton of everything that is no file.</summary>
    public const byte MountClass = 7;

    /// <summary>Classes behind which the label of the other process stands; of a signal its number stands before that.</summary>
    public const byte PtraceClass = 9, SignalClass = 10;

    private const uint Magic = 0x1B5E783D, DifferenceEncoded = 0x80000000;

    private readonly uint[] _accept, _base, _default, _next, _check, _classes;

    private PolicyDfa(ReadOnlySpan<byte> data)
    {
        Dictionary<int, uint[]> tables = Tables(data);
        (_accept, _base, _check, _default, _next) = (tables[1], tables[2], tables[3], tables[4], tables[8]);
        _classes = tables.TryGetValue(5, out uint[]? classes) ? classes : [.. Enumerable.Range(0, 256).Select(value => (uint)value)];
    }

    /// <summary>The automata of a compiled profile in their order: files come last.</summary>
    public static PolicyDfa[] AllIn(byte[] compiled)
    {
        List<PolicyDfa> found = [];
        for (int at = 0; at + 16 <= compiled.Length; at++)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(compiled.AsSpan(at)) == Magic)
            {
                found.Add(new PolicyDfa(compiled.AsSpan(at)));
            }
        }

        return [.. found];
    }

    public int Step(int state, byte value)
    {
        uint column = _classes[value];
        while (true)
        {
            uint entry = _base[state];
            uint position = (entry & 0xFFFFFF) + column;
            if (_check[position] == state)
            {
                return (int)_next[position];
            }

            state = (int)_default[state];
            if ((entry & DifferenceEncoded) == 0)
            {
                return state;
            }
        }
    }

    /// <summary>What is permitted in a state: 1 execute, 2 write, 4 read, 8 append, 16 link, 32 lock, 64 map; for one's own files, and 14 bits higher for those of others.</summary>
    public uint Permitted(int state) => _accept[state] & (0x7F | (0x7F << 14));

    /// <summary>What is permitted for a process under a label: 2 send or trace, 4 receive or read, 8 and 16 the other way round.</summary>
    public uint PermittedFor(string label, params ReadOnlySpan<byte> before)
    {
        int state = Start;
        foreach (byte value in before)
        {
            state = Step(state, value);
        }

        return _accept[System.Text.Encoding.UTF8.GetBytes(label).Aggregate(state, Step)] & 0x1E;
    }

    public uint Permitted(string path) => Permitted(System.Text.Encoding.UTF8.GetBytes(path).Aggregate(Start, Step));

    /// <summary>
    /// Looks at every pair of states that some text leads both automata to, which is every text there is: every path as the kernel writes it, without two
    /// slashes in a row, and behind a zero byte the other path of a link, or the next part of a mount.
    /// </summary>
    /// <param name="ours">The one that must not be looser.</param>
    /// <param name="oursStart">Where it begins.</param>
    /// <param name="theirs">The one that it is compared with.</param>
    /// <param name="theirsStart">Where that begins.</param>
    /// <param name="parts">How many parts a text has: 2 for files, 5 for mounts.</param>
    /// <param name="rights">The rights that are compared.</param>
    /// <returns>The shortest text for which this one permits what the other does not, or null when there is none.</returns>
    public static string? FirstLooser(PolicyDfa ours, int oursStart, PolicyDfa theirs, int theirsStart, int parts, uint rights = uint.MaxValue)
    {
        Place start = new(oursStart, theirsStart, false, 1);
        Dictionary<Place, (Place From, byte By)> seen = new() { [start] = default };
        Queue<Place> open = new([start]);
        while (open.TryDequeue(out Place at))
        {
            // For a link the bit of locks says that the target must not permit more than the link: a narrower right, not one more.
            uint looser = ours.Permitted(at.Ours) & ~theirs.Permitted(at.Theirs) & rights & (at.Part == 2 ? ~(0x20u | (0x20u << 14)) : uint.MaxValue);
            if (looser != 0)
            {
                return $"{Text(seen, at, start)} (ours 0x{ours.Permitted(at.Ours):x}, theirs 0x{theirs.Permitted(at.Theirs):x})";
            }

            for (int value = 0; value < 256 && at.Ours != 0; value++)
            {
                Place next = new(ours.Step(at.Ours, (byte)value), theirs.Step(at.Theirs, (byte)value), value == '/', value == 0 ? at.Part + 1 : at.Part);
                if (!(at.IsSlash && next.IsSlash) && next.Part <= parts && seen.TryAdd(next, (at, (byte)value)))
                {
                    open.Enqueue(next);
                }
            }
        }

        return null;
    }

    private static string Text(Dictionary<Place, (Place From, byte By)> seen, Place end, Place start)
    {
        List<byte> bytes = [];
        for (Place at = end; at != start; at = seen[at].From)
        {
            bytes.Add(seen[at].By);
        }

        bytes.Reverse();
        return System.Text.Encoding.Latin1.GetString([.. bytes]);
    }

    private readonly record struct Place(int Ours, int Theirs, bool IsSlash, int Part);

    private static Dictionary<int, uint[]> Tables(ReadOnlySpan<byte> data)
    {
        Dictionary<int, uint[]> tables = [];
        int at = (int)BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        int end = (int)BinaryPrimitives.ReadUInt32BigEndian(data[8..]);
        while (at < end)
        {
            int id = BinaryPrimitives.ReadUInt16BigEndian(data[at..]), width = BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]);
            int count = (int)BinaryPrimitives.ReadUInt32BigEndian(data[(at + 8)..]);
            uint[] table = new uint[count];
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> element = data[(at + 12 + (i * width))..];
                table[i] = width switch { 1 => element[0], 2 => BinaryPrimitives.ReadUInt16BigEndian(element), _ => BinaryPrimitives.ReadUInt32BigEndian(element) };
            }

            tables[id] = table;
            at += (12 + (count * width) + 7) & ~7;
        }

        return tables;
    }
}
