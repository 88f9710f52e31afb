using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Facts;

/// <summary>What the rules must know of the host. Everything is read when first asked for, because most containers never ask.</summary>
/// <param name="appArmorSwitch">A file that starts with Y where the kernel enforces AppArmor; tests bring their own.</param>
/// <param name="appArmorProfiles">The kernel's list of loaded profiles, lines of <c>name (mode)</c>.</param>
public sealed class HostFacts(
    string appArmorSwitch = "/sys/module/apparmor/parameters/enabled",
    string appArmorProfiles = "/sys/kernel/security/apparmor/profiles")
{
    private bool? _hasAppArmor;
    private string? _loaded;

    /// <summary>The limits that a process of the container inherits where its spec gives none (the caller's own), or null where they are not known.</summary>
    public Func<string, Rlimit?> InheritedLimit { get; init; } = static _ => null;

    /// <summary>Whether AppArmor confines anything here. runc and containerd ask the same file.</summary>
    public bool HasAppArmor => _hasAppArmor ??= ReadOrEmpty(appArmorSwitch).StartsWith('Y');

    /// <summary>The mode in which a profile of that name is loaded (enforce, complain, kill, unconfined), or null where it is not.</summary>
    public string? ModeOf(string profile)
    {
        _loaded ??= "\n" + ReadOrEmpty(appArmorProfiles);
        string line = $"\n{profile} (";
        int found = _loaded.IndexOf(line, StringComparison.Ordinal);
        if (found < 0)
        {
            return null;
        }

        ReadOnlySpan<char> mode = _loaded.AsSpan(found + line.Length);
        int end = mode.IndexOf(')');
        return end < 0 ? "" : mode[..end].ToString();
    }

    /// <summary>Whether a profile in that mode denies anything: the others log, or do not even that.</summary>
    public static bool IsEnforcing(string mode) => mode is "enforce" or "kill";

    /// <summary>
    /// Whether a namespace file that a spec joins is the host's: what pid 1 of our own view has, or what we have ourselves. A namespace is a file of its own,
    /// whatever name it is mounted under.
    /// </summary>
    public static bool IsHostNamespace(string path, string type)
    {
        string name = type switch { "network" => "net", "mount" => "mnt", _ => type };
        return path.StartsWith("/proc/1/ns/", StringComparison.Ordinal)
            || path.StartsWith("/proc/self/ns/", StringComparison.Ordinal)
            || (FileIdentity.Of(path) is { } identity && (identity == FileIdentity.Of($"/proc/self/ns/{name}") || identity == FileIdentity.Of($"/proc/1/ns/{name}")));
    }

    /// <summary>Where a path leads on this host once its symbolic links are followed, as mount(2) will follow them; what is not there is kept as written.</summary>
    public static string RealPath(string path)
    {
        const int MostLinks = 40;   // the kernel's own limit (path_resolution(7))
        var pending = new Stack<string>(path.Split('/').Reverse());
        string real = "";
        int links = 0;
        while (pending.TryPop(out string? name))
        {
            if (name is "" or ".")
            {
                continue;
            }

            if (name == "..")
            {
                real = real[..Math.Max(real.LastIndexOf('/'), 0)];
                continue;
            }

            string next = $"{real}/{name}";
            string? target = links < MostLinks ? LinkTarget(next) : null;
            if (target is null)
            {
                real = next;
                continue;
            }

            links++;
            real = target.StartsWith('/') ? "" : real;
            foreach (string part in target.Split('/').Reverse())
            {
                pending.Push(part);
            }
        }

        return real.Length == 0 ? "/" : real;
    }

    /// <summary>The same for a folder that may be given relative to the one we are in; without a slash at its end.</summary>
    public static string RealFolder(string path) => RealPath(path.StartsWith('/') ? path : Path.Combine(Environment.CurrentDirectory, path)).TrimEnd('/');

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;   // no link, or not ours to read: then it is compared by its path alone
        }
    }

    private static string ReadOrEmpty(string path)
    {
        // No such file is how a kernel without AppArmor says so. Asked first, because an exception costs as much as the rest of the decision.
        if (!File.Exists(path))
        {
            return "";
        }

        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";   // securityfs that we may not read: what is loaded cannot be told, so nothing counts as loaded
        }
    }
}
