using System.Text.Json;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Seccomp.Tests.Inputs;

/// <summary>The calls to ask about: every number of an architecture, and for those that rules name, arguments around every constant.</summary>
internal sealed class CallSpace
{
    private readonly HashSet<string> _names = [], _conditional = [];
    private readonly List<ulong>[] _pools = new List<ulong>[6];
    private readonly Random _random;

    public CallSpace(Random random, params JsonElement[] profiles)
    {
        _random = random;
        for (int i = 0; i < 6; i++)
        {
            // nothing, all ones, the sign bits, the edge between the halves, anything
            _pools[i] = [0, ulong.MaxValue, 1UL << 31, 1UL << 63, uint.MaxValue, 1UL << 32, Any()];
        }

        foreach (JsonElement profile in profiles)
        {
            Read(profile);
        }
    }

    /// <summary>The numbers of every call, the one past the end, -1, and on x86-64 the same with x32's bit.</summary>
    public static uint[] Numbers(SeccompArchitecture architecture)
    {
        uint[] known = [.. SyscallTable.Names.Select(name => SyscallTable.Number(architecture, name)).OfType<int>().Select(static number => (uint)number).Order()];
        uint beyond = known.Last(static number => (number & 0xFFFF) < 0x4000) + 1;
        return [.. known, beyond, uint.MaxValue, .. architecture.AuditToken == 0xC000003E ? known.Select(static number => number ^ 0x40000000) : []];
    }

    /// <summary>The names in the profiles (of long ones, those with conditions), and the multiplexers that speak for them.</summary>
    public bool IsNamed(string? name) => name is not null && ((_names.Count > 100 ? _conditional : _names).Contains(name) || name is "socketcall" or "ipc");

    /// <summary>Six arguments for a call that rules name: each value of each pool once, beside others at random.</summary>
    public IEnumerable<ulong[]> Arguments()
    {
        int often = _names.Count > 100 ? 1 : 2;   // with conditions on one name in fifty
        for (int i = 0; i < 6; i++)
        {
            foreach (ulong value in i == 0 || _pools[i].Count > 7 ? _pools[i] : [])
            {
                // Over all profiles every value has its turn.
                for (int n = 0; n < (_pools[i].Count > 12 && _random.Next(6) != 0 ? 0 : often); n++)
                {
                    ulong[] arguments = Anything();
                    arguments[i] = value;
                    yield return arguments;
                }
            }
        }
    }

    public ulong[] Anything() => [.. _pools.Select(pool => pool[_random.Next(pool.Count)])];

    private ulong Any() => unchecked((ulong)_random.NextInt64(long.MinValue, long.MaxValue));

    private void Read(JsonElement profile)
    {
        foreach (JsonElement rule in profile.GetProperty("syscalls").EnumerateArray())
        {
            _names.UnionWith(rule.GetProperty("names").EnumerateArray().Select(static name => name.GetString()!));
            if (rule.TryGetProperty("args", out JsonElement any) && any.ValueKind == JsonValueKind.Array && any.GetArrayLength() > 0)
            {
                _conditional.UnionWith(rule.GetProperty("names").EnumerateArray().Select(static name => name.GetString()!));
            }

            foreach (JsonElement condition in rule.TryGetProperty("args", out JsonElement args) && args.ValueKind == JsonValueKind.Array ? args.EnumerateArray() : default)
            {
                ulong value = condition.GetProperty("value").GetUInt64();
                ulong two = condition.TryGetProperty("valueTwo", out JsonElement second) ? second.GetUInt64() : 0;
                List<ulong> pool = _pools[condition.GetProperty("index").GetInt32()];
                pool.AddRange([unchecked(value - 1), value, unchecked(value + 1), value ^ (1UL << 32), value | Any() << 32, two]);
                if (condition.GetProperty("op").GetString() == "SCMP_CMP_MASKED_EQ")
                {
                    pool.AddRange([(two & value) | (Any() & ~value), two | ~value, Any() & value]);
                }
            }
        }

        for (uint subCall = 0; subCall <= 25; subCall++)
        {
            if (_names.Overlaps(["socketcall", "socket", "accept", "recv", "semop", "shmget", "ipc"]))
            {
                _pools[0].Add(subCall);
            }
        }
    }
}
