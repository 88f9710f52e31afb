namespace Runtime.Hardening.Hook;

/// <summary>What the engine wants of the runtime.</summary>
internal enum RuntimeVerb
{
    /// <summary>Anything that starts no process of a container: not our business.</summary>
    Other,

    /// <summary>create</summary>
    Create,

    /// <summary>run: create, start and delete in one.</summary>
    Run,

    /// <summary>restore: builds a container from a checkpoint, with config.json for what joins it later.</summary>
    Restore,

    /// <summary>exec</summary>
    Exec,

    /// <summary>update: changes what a container may use; <see cref="UpdateArguments"/> reads the rest.</summary>
    Update,
}

/// <summary>
/// The runtime's command line, read from left to right as the runtime itself reads it: the verb is the first argument that is neither a global flag nor the
/// value of one, so a container called <c>create</c> does not mislead us. Both grammars are accepted, Go's (<c>-flag</c>, <c>--flag=value</c>) and argp's
/// (unambiguous prefixes, <c>-bVALUE</c>), because what one runtime accepts the other rejects with an error of its own.
/// </summary>
internal sealed class RuntimeArguments
{
    private static readonly string[] s_globalValues = ["root", "log", "log-format", "log-level", "criu", "rootless", "cgroup-manager"];
    private static readonly string[] s_globalSwitches = ["debug", "systemd-cgroup", "help", "h", "version", "v", "V"];

    private static readonly string[] s_createValues =
    [
        "bundle", "b", "config", "f", "console-socket", "pid-file", "pidfd-socket", "preserve-fds", "image-path", "work-path", "manage-cgroups-mode",
        "empty-ns", "lsm-profile", "lsm-mount-context", "network-lock", "status-fd", "page-server",
    ];

    private static readonly string[] s_execValues =
    [
        "process", "p", "console-socket", "pidfd-socket", "cwd", "env", "e", "user", "u", "additional-gids", "g", "pid-file", "process-label", "apparmor",
        "cap", "c", "preserve-fds", "cgroup",
    ];

    private RuntimeArguments(IReadOnlyList<string> all) => All = all;

    /// <summary>All arguments as they came.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>What is wanted.</summary>
    public RuntimeVerb Verb { get; private set; }

    /// <summary>The verb as it was written; empty when there is none.</summary>
    public string VerbText { get; private set; } = "";

    /// <summary>Where in <see cref="All"/> the verb stands.</summary>
    public int VerbIndex { get; private set; } = -1;

    /// <summary>--root; empty when not given.</summary>
    public string Root { get; private set; } = "";

    /// <summary>--log without crun's <c>file:</c>; empty when errors go to standard error.</summary>
    public string Log { get; private set; } = "";

    /// <summary>Whether --log-format is json.</summary>
    public bool LogIsJson { get; private set; }

    /// <summary>--bundle; empty for the current directory.</summary>
    public string Bundle { get; private set; } = "";

    /// <summary>crun's --config; empty when not given.</summary>
    public string Config { get; private set; } = "";

    /// <summary>exec's --process; empty in the flag form.</summary>
    public string Process { get; private set; } = "";

    /// <summary>exec's --cap.</summary>
    public List<string> Capabilities { get; } = [];

    /// <summary>exec's --apparmor.</summary>
    public string AppArmor { get; private set; } = "";

    /// <summary>exec's --cwd; empty when not given.</summary>
    public string WorkingDirectory { get; private set; } = "";

    /// <summary>Whether exec has --no-new-privs=false, which overrides the container's own.</summary>
    public bool DropsNoNewPrivileges { get; private set; }

    /// <summary>exec's --no-new-privs.</summary>
    public bool NoNewPrivileges { get; private set; }

    /// <summary>The container's id; empty when there is none.</summary>
    public string Id { get; private set; } = "";

    /// <summary>A second argument of create, run or restore that is neither a flag nor the value of a known one; null when there is none.</summary>
    public string? SecondId { get; private set; }

    /// <summary>A global flag that we do not know and that may or may not take the next argument; null when there is none.</summary>
    public string? UnknownFlag { get; private set; }

    /// <summary>Whether a container's process is about to start.</summary>
    public bool StartsContainer => Verb is RuntimeVerb.Create or RuntimeVerb.Run or RuntimeVerb.Restore;

    /// <summary>Reads a command line without the program's name.</summary>
    public static RuntimeArguments Parse(IReadOnlyList<string> args)
    {
        var result = new RuntimeArguments(args);
        int next = result.ReadGlobalFlags();
        if (next >= args.Count)
        {
            return result;
        }

        result.VerbIndex = next;
        result.VerbText = args[next];
        result.Verb = args[next] switch
        {
            "create" => RuntimeVerb.Create,
            "run" => RuntimeVerb.Run,
            "restore" => RuntimeVerb.Restore,
            "exec" => RuntimeVerb.Exec,
            "update" => RuntimeVerb.Update,
            _ => RuntimeVerb.Other,
        };
        if (result.StartsContainer)
        {
            result.ReadFlags(next + 1, s_createValues, stopAtId: false);
        }
        else if (result.Verb == RuntimeVerb.Exec)
        {
            // runc's exec stops at the id: what follows belongs to the user's command.
            result.ReadFlags(next + 1, s_execValues, stopAtId: true);
        }

        return result;
    }

    private int ReadGlobalFlags()
    {
        int i = 0;
        while (i < All.Count && IsFlag(All[i]))
        {
            if (All[i] == "--")
            {
                return i + 1;
            }

            (string name, string? value) = Split(All[i]);
            string? known = Resolve(All[i], name, s_globalValues);
            if (known is null && value is null && Resolve(All[i], name, s_globalSwitches) is null)
            {
                UnknownFlag ??= All[i];
            }

            if (known is not null && value is null)
            {
                i++;
                value = i < All.Count ? All[i] : "";
            }

            switch (known)
            {
                case "root":
                    // One folder, one name: records are found by it. The runtime gets the words as they came.
                    Root = value!.Length > 1 ? value.TrimEnd('/') : value;
                    break;
                case "log":
                    Log = LogPath(value!);
                    break;
                case "log-format":
                    LogIsJson = value == "json";
                    break;
                default:
                    break;
            }

            i++;
        }

        return i;
    }

    private void ReadFlags(int i, string[] valued, bool stopAtId)
    {
        bool flagsEnded = false;
        for (; i < All.Count; i++)
        {
            if (flagsEnded || !IsFlag(All[i]))
            {
                if (Id.Length > 0)
                {
                    SecondId ??= All[i];
                    continue;
                }

                Id = All[i];
                if (stopAtId)
                {
                    return;
                }

                continue;
            }

            if (All[i] == "--")
            {
                flagsEnded = true;
                continue;
            }

            (string name, string? value) = Split(All[i]);
            string? known = Resolve(All[i], name, valued, severalWillDo: true);
            if (known is null && !All[i].StartsWith("--", StringComparison.Ordinal))
            {
                (known, value) = SplitCluster(All[i], valued) ?? (null, value);
            }

            if (known is not null && value is null)
            {
                i++;
                value = i < All.Count ? All[i] : "";
            }

            Take(known ?? name, value);
        }
    }

    private void Take(string flag, string? value)
    {
        switch (flag)
        {
            case "bundle" or "b":
                Bundle = value!;
                break;
            case "config" or "f":
                Config = value!;
                break;
            case "process" or "p":
                Process = value!;
                break;
            case "cap" or "c":
                Capabilities.Add(value!);
                break;
            case "apparmor":
                AppArmor = value!;
                break;
            case "cwd":
                WorkingDirectory = value!;
                break;
            case "no-new-privs":
                NoNewPrivileges = value is null or "true" or "1" or "t" or "T" or "TRUE" or "True";
                DropsNoNewPrivileges |= !NoNewPrivileges;
                break;
            default:
                break;
        }
    }

    // A lone dash is an argument (update --resources -), everything else that begins with one is a flag.
    internal static bool IsFlag(string argument) => argument.Length > 1 && argument[0] == '-';

    internal static (string Name, string? Value) Split(string flag)
    {
        string body = flag.StartsWith("--", StringComparison.Ordinal) ? flag[2..] : flag[1..];
        int equals = body.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (body, null) : (body[..equals], body[(equals + 1)..]);
    }

    // An exact name, or argp's unambiguous prefix of a long one; runc rejects prefixes, so accepting them costs nothing there. Where a prefix fits several
    // of a command's flags, a runtime that lacks some of them may accept it: it takes a value in any case, and is none that we look at.
    internal static string? Resolve(string argument, string name, string[] known, bool severalWillDo = false)
    {
        if (Array.IndexOf(known, name) >= 0)
        {
            return name;
        }

        string[] longer = argument.StartsWith("--", StringComparison.Ordinal) && name.Length > 1
            ? Array.FindAll(known, candidate => candidate.StartsWith(name, StringComparison.Ordinal))
            : [];
        return longer.Length switch { 0 => null, 1 => longer[0], _ => severalWillDo ? name : null };
    }

    // argp's short flags in one word: switches first (-d), then one with a value that follows at once or as the next argument. The value of crun's -t may
    // be left out, so what follows it at once is its value: in -tpFILE there is no --process.
    private static (string? Name, string? Value)? SplitCluster(string argument, string[] valued)
    {
        for (int i = 1; i < argument.Length; i++)
        {
            string flag = argument[i..(i + 1)];
            if (Array.IndexOf(valued, flag) >= 0)
            {
                return (flag, i + 1 < argument.Length ? argument[(i + 1)..] : null);
            }

            if (flag is not "d")
            {
                return null;
            }
        }

        return null;
    }

    // crun names the kind of log before its place; journald and syslog are out of our reach, so those errors go to standard error.
    private static string LogPath(string value)
        => value.StartsWith("file:", StringComparison.Ordinal) ? value["file:".Length..]
            : value.StartsWith("journald:", StringComparison.Ordinal) || value.StartsWith("syslog:", StringComparison.Ordinal) ? ""
            : value;
}
