using System.Globalization;
using System.Text;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Inputs;

/// <summary>Specs as engines could write them, with every managed member absent, null, empty or full.</summary>
internal sealed class SpecMaker(System.Random random) : JsonMaker(random)
{
    private static readonly string[] s_paths = ["/proc/kcore", "/proc/keys", "/proc/sys", "/sys/firmware", "/a b", "/\\u00e9", "/[x]", "/]"];
    private static readonly string[] s_limits = ["RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_CORE"];

    private static readonly string[] s_annotations =
    [
        "\"io.kubernetes.cri.container-type\": \"sandbox\"", "\"run.oci.seccomp_bpf_data\":\"v\"", "\"run.oci.systemd.subgroup\" :\"v\"",
        "\"org.systemd.property.TasksMax\":\"infinity\"", "\"team\":\"v\"",
    ];

    public byte[] Spec() => Encoding.UTF8.GetBytes(White() + Object(
        ("ociVersion", Text("1.0.2")),
        ("process", Maybe(92, () => Process())),
        ("root", Maybe(92, () => Object(("path", Text("rootfs")), ("readonly", Flag())))),
        ("hostname", Maybe(50, () => Text("h"))),
        ("mounts", Maybe(70, () => Array(Some([Mount("/etc/x"), Mount("/"), Mount("proc"), Mount("/srv//data/")], 40)))),
        ("annotations", Maybe(50, () => $"{{{White()}{string.Join($"{White()},", Some(s_annotations, 50))}{White()}}}")),
        ("linux", Maybe(94, () => Linux()))) + White());

    public string Process() => Object(
        ("user", Maybe(80, () => Object(("uid", Maybe(80, () => One("0", "1000"))), ("gid", "0")))),
        ("args", "[\"sh\"]"),
        ("cwd", Maybe(60, () => Text(One("/", "/srv", "/proc/self/fd/7", "/dev/fd/7/..")))),
        ("capabilities", Maybe(85, () => Object(
            ("bounding", Capabilities()), ("effective", Capabilities()), ("permitted", Capabilities()), ("inheritable", Capabilities()),
            ("ambient", Capabilities())))),
        ("noNewPrivileges", Flag()),
        ("apparmorProfile", Maybe(60, () => Text(One("", "unconfined", "docker-default", "crio-default-1", "own", "ours", "own//&ours")))),
        ("rlimits", Maybe(70, () => Array(Some([.. s_limits, .. s_limits], 35).Select(Limit)))));

    private string Linux() => Object(
        ("seccomp", Maybe(70, () => Chance(5) ? "{ }" : new SeccompMaker(Random).Profile())),
        ("maskedPaths", Maybe(70, () => Array(Some(s_paths, 30).Select(Text)))),
        ("readonlyPaths", Maybe(70, () => Array(Some(s_paths, 30).Select(Text)))),
        ("namespaces", Maybe(85, () => Array(Some(["pid", "network", "ipc", "mount"], 70).Select(type => Object(("type", Text(type))))))),
        ("resources", Maybe(70, () => Resources())));

    /// <summary>What stands at linux.resources, and what an update brings.</summary>
    public string Resources() => Object(
        ("devices", Maybe(40, () => Array([Object(("allow", One("true", "false")), ("access", Text("rwm")))]))),
        ("pids", Maybe(60, () => Object(("limit", Limit())))),
        ("memory", Maybe(60, () => Object(("limit", Limit()), ("swap", Limit()), ("reservation", Limit()), ("swappiness", Maybe(30, () => "60"))))),
        ("cpu", Maybe(60, () => Object(
            ("quota", Maybe(70, () => One("0", "-1", "1000", "50000", "150000", "400000", "9223372036854775807"))),
            ("period", Maybe(70, () => One("0", "1000", "50000", "100000", "1000000"))),
            ("burst", Maybe(30, () => One("0", "2000", "200000"))),
            ("cpus", Maybe(30, () => Text("0-1")))))),
        ("unified", Maybe(40, () => Object(
            ("pids.max", Maybe(50, () => Text(One("max", "5", "\\n700 ", "99999999999999999999")))),
            ("memory.max", Maybe(50, () => Text(One("max", "5", "1K", "16E", "700")))),
            ("cpu.max", Maybe(50, () => Text(One("max", "max 50000", "5000 10000", " 70000", "400000 100000")))),
            ("cpu.max.burst", Maybe(30, () => Text(One("0", "100000")))),
            ("memory.high", Maybe(30, () => Text("max")))))));

    private string? Limit() => Maybe(75, () => One("0", "-1", "9223372036854775807", Random.Next(1, 1500).ToString(CultureInfo.InvariantCulture)));

    private string Limit(string type) => Object(
        ("type", Text(type)),
        ("soft", Random.Next(0, 2000).ToString(CultureInfo.InvariantCulture)),
        ("hard", One("18446744073709551615", "4096", Random.Next(0, 4000).ToString(CultureInfo.InvariantCulture))));

    private string Mount(string source) => Object(("destination", Text("/d")), ("source", Text(source)), ("type", Text("bind")));

    private string? Capabilities() => Maybe(85, () => Array(Some([.. CapabilitySet.KnownNames[..24], "CAP_OF_TOMORROW", "cap_chown"], 30).Select(Text)));

    private string? Flag() => Maybe(70, () => One("true", "false"));

    private string? Maybe(int percent, Func<string> value) => Chance(percent) ? value() : Chance(30) ? "null" : null;
}
