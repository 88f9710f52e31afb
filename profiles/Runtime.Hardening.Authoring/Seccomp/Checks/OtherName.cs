namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>Other names under which a 32-bit architecture has the same call: with wider ids, offsets or times, or from before the call was given its last form.</summary>
internal static class OtherName
{
    private static readonly Dictionary<string, string[]> s_irregular = new(StringComparer.Ordinal)
    {
        ["mmap"] = ["mmap2"],
        ["umount2"] = ["umount"],
        ["settimeofday"] = ["stime"],
        ["clock_settime"] = ["stime"],
        ["lseek"] = ["_llseek"],
        ["select"] = ["_newselect"],
        ["getrlimit"] = ["ugetrlimit"],
        ["wait4"] = ["waitpid"],
        ["newfstatat"] = ["fstatat64"],
        ["fadvise64"] = ["fadvise64_64", "arm_fadvise64_64"],
        ["sync_file_range"] = ["arm_sync_file_range"],
    };

    public static IEnumerable<string> Of(string name)
        => [name + "32", name + "64", name + "_time64", .. s_irregular.GetValueOrDefault(name, [])];
}
