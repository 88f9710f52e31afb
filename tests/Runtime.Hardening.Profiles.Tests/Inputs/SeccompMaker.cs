using System.Globalization;

namespace Runtime.Hardening.Profiles.Tests.Inputs;

/// <summary>Profiles with every action, operator and trap that a runtime accepts: dropped rules, hidden rules, two conditions on one argument.</summary>
internal sealed class SeccompMaker(System.Random random) : JsonMaker(random)
{
    public static readonly string[] Names = ["read", "socket", "clone", "clone3", "personality", "call_of_tomorrow"];

    private static readonly string[] s_actions =
    [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ALLOW", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_ERRNO", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_NOTIFY",
        "SCMP_ACT_TRAP", "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS",
    ];

    private static readonly string[] s_operators =
        ["SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"];

    private static readonly string[] s_values = ["0", "1", "2", "16", "40", "2114060288", "4294967295", "9223372036854775808", "18446744073709551615"];

    // libseccomp refuses two actions for one condition, so no runtime starts such a profile: each condition keeps the action it first came with.
    private readonly Dictionary<string, (string Action, string? Errno)> _taken = [];

    /// <summary>The same in Docker's format: some rules are for some containers only.</summary>
    public string Scoped()
    {
        _scoped = true;
        return Profile();
    }

    public string Profile()
    {
        bool simple = Chance(50);   // mostly ALLOW and ERRNO, as real ones are: here conditions of both sides meet most often
        return Object(
            ("defaultAction", Text(simple ? One("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW") : One(s_actions))),
            ("defaultErrnoRet", Chance(40) ? One("1", "38", "13") : null),
            ("architectures", Chance(70) ? Array(Some(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], 60).Select(Text)) : Chance(30) ? "null" : null),
            ("flags", Chance(20) ? "[ \"SECCOMP_FILTER_FLAG_LOG\" ]" : null),
            ("syscalls", Chance(95) ? Array(Enumerable.Range(0, Random.Next(8)).Select(_ => Rule(simple))) : null));
    }

    private string Rule(bool simple)
    {
        string? args = Chance(60) ? Conditions() : Chance(20) ? "[]" : null;
        string action = simple ? One("SCMP_ACT_ALLOW", "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO") : One(s_actions);
        string? errno = Chance(40) ? One("1", "38", "13", "0") : null;
        if (args is { Length: > 2 } && !_taken.TryAdd("any", (action, errno)))
        {
            // One action and errno for all conditional rules of a quarter of the profiles; distinct conditions in the others.
            (action, errno) = Random.Next(4) == 0 || HasBeen(args) ? _taken["any"] : (action, errno);
        }

        return Object(("names", Array(Some(Names, 35).Select(Text))), ("action", Text(action)), ("errnoRet", errno), ("args", args),
            ("includes", _scoped && Chance(50) ? Scope() : null), ("excludes", _scoped && Chance(40) ? Scope() : null));
    }

    private string Scope() => Object(("caps", Array(Some(["CAP_SYS_ADMIN", "CAP_SYS_TIME", "CAP_CHOWN"], 40).Select(Text))), ("arches", Chance(20) ? Array([Text(One("amd64", "s390x"))]) : null));

    private readonly HashSet<string> _values = [];
    private bool _scoped;

    private bool HasBeen(string args) => !_values.Add(args);

    private string Conditions() => Array(Enumerable.Range(0, 1 + Random.Next(2)).Select(_ => Object(
        ("index", One(0, 0, 0, 1, 2, 5).ToString(CultureInfo.InvariantCulture)),
        ("value", One(s_values)),
        ("valueTwo", Chance(40) ? One(s_values) : null),
        ("op", Text(One(s_operators))))));
}
