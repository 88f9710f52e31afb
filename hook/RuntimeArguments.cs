using Runtime.Hardening.Profiles.Facts;

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
/// value of one, so a container called <c>create</c> does not mislead us. <see cref="FlagGrammar"/> reads the flags, and where runc and crun would read one
/// word differently it is handed on in a spelling that has one meaning, or refused.
/// </summary>
internal sealed class RuntimeArguments
{
    private readonly IReadOnlyList<string> _given;
    private string[]? _rewritten;

    private RuntimeArguments(IReadOnlyList<string> given) => _given = given;

    /// <summary>All arguments as they came.</summary>
    public IReadOnlyList<string> Given => _given;

    /// <summary>The same, but for the words that runtimes would read differently: those are written out.</summary>
    public IReadOnlyList<string> All => _rewritten ?? _given;

    /// <summary>What is wanted.</summary>
    public RuntimeVerb Verb { get; private set; }

    /// <summary>The verb as it was written; empty when there is none.</summary>
    public string VerbText { get; private set; } = "";

    /// <summary>Where in <see cref="All"/> the verb stands.</summary>
    public int VerbIndex { get; private set; } = -1;

    /// <summary>--root without empty segments and lone dots; null when not given. What stands here, and nothing else, tells one engine from another.</summary>
    public string? GivenRoot { get; private set; }

    /// <summary>The runtime's folder of containers as records know it: --root, or what the environment names; empty for the runtime's usual one.</summary>
    public string Root { get; private set; } = "";

    /// <summary>The engine as far as the command line tells, as every verb sees it.</summary>
    public string Engine => FactsReader.EngineOf(GivenRoot ?? "", "");

    /// <summary>--rootless; empty when not given.</summary>
    public string Rootless { get; private set; } = "";

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

    /// <summary>exec's --cgroup, as far as it leads upwards; empty when none does.</summary>
    public string CgroupAbove { get; private set; } = "";

    /// <summary>Whether exec has --no-new-privs=false, which overrides the container's own.</summary>
    public bool DropsNoNewPrivileges { get; private set; }

    /// <summary>exec's --no-new-privs.</summary>
    public bool NoNewPrivileges { get; private set; }

    /// <summary>The container's id; empty when there is none.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Whether there is an id, and be it an empty word; not looked for in an update.</summary>
    public bool HasId { get; private set; }

    /// <summary>The word before the id that asks for the command's help; null when none does.</summary>
    public string? Help { get; private set; }

    /// <summary>A second argument of create, run or restore that is neither a flag nor the value of a known one; null when there is none.</summary>
    public string? SecondId { get; private set; }

    /// <summary>A global flag that we do not know and that may or may not take the next argument; null when there is none.</summary>
    public string? UnknownFlag { get; private set; }

    /// <summary>A flag of the command after which we cannot tell flags from values; null when there is none. <see cref="UpdateArguments"/> has its own.</summary>
    public string? UnclearFlag { get; private set; }

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
            result.ReadFlags(next + 1, FlagGrammar.Create);
        }
        else if (result.Verb == RuntimeVerb.Exec)
        {
            result.ReadFlags(next + 1, FlagGrammar.Exec);
        }

        return result;
    }

    /// <summary>Puts a word that has one meaning in the place of one that has several.</summary>
    internal void Rewrite(int index, string? word)
    {
        if (word is not null)
        {
            (_rewritten ??= [.. _given])[index] = word;
        }
    }

    /// <summary>For a call without --root: the one that the runtime takes from its environment.</summary>
    internal void UseRoot(string root) => Root = root;

    private int ReadGlobalFlags()
    {
        int i = 0;
        while (i < _given.Count && FlagGrammar.IsFlag(_given[i]))
        {
            if (_given[i] == "--")
            {
                return i + 1;
            }

            FlagWord flag = FlagGrammar.Global.Read(_given[i]);
            Rewrite(i, flag.Rewritten);
            string? value = flag.Value;
            if (flag.Kind == FlagKind.Unclear || (flag.Kind == FlagKind.Unknown && value is null))
            {
                UnknownFlag ??= _given[i];
            }
            else if (flag.Kind == FlagKind.Value && value is null)
            {
                i++;
                value = i < _given.Count ? _given[i] : "";
            }

            switch (flag.Name)
            {
                case "root":
                    GivenRoot = Root = RootPath.Of(value!);
                    break;
                case "rootless":
                    Rootless = value!;
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

    private void ReadFlags(int i, FlagGrammar grammar)
    {
        bool flagsEnded = false;
        for (; i < _given.Count; i++)
        {
            string word = _given[i];
            if (flagsEnded || !FlagGrammar.IsFlag(word))
            {
                if (HasId)
                {
                    SecondId ??= word;
                    continue;
                }

                (Id, HasId) = (word, true);
                if (Verb == RuntimeVerb.Exec)
                {
                    return;   // what follows belongs to the user's command
                }

                continue;
            }

            if (word == "--")
            {
                flagsEnded = true;
                continue;
            }

            FlagWord flag = grammar.Read(word);
            Rewrite(i, flag.Rewritten);
            string? value = flag.Value;
            if (flag.Kind == FlagKind.Unclear || (flag.Kind == FlagKind.Unknown && value is null && IsMisleading(i)))
            {
                UnclearFlag ??= word;
            }
            else if (flag.Kind == FlagKind.Value && value is null)
            {
                i++;
                value = i < _given.Count ? _given[i] : "";
            }

            if (flag.Kind is FlagKind.Value or FlagKind.Switch)
            {
                Take(flag.Name, word, value);
            }
        }
    }

    // An unknown flag may or may not take the next word. Runtimes take one id alone where they create, so a plain word after it is that id, or there is one
    // word too many; a flag after it may be none. In an exec the words behind the id are another program's, and tell nothing.
    private bool IsMisleading(int i) => Verb == RuntimeVerb.Exec || (i + 1 < _given.Count && FlagGrammar.IsFlag(_given[i + 1]));

    private void Take(string flag, string word, string? value)
    {
        switch (flag)
        {
            case "bundle":
                Bundle = value!;
                break;
            case "config":
                Config = value!;
                break;
            case "process":
                Process = value!;
                break;
            case "cap":
                Capabilities.Add(value!);
                break;
            case "apparmor":
                AppArmor = value!;
                break;
            case "cwd":
                WorkingDirectory = value!;
                break;
            case "cgroup":
                CgroupAbove = CgroupAbove.Length == 0 && LeadsUp(value!) ? value! : CgroupAbove;
                break;
            case "no-new-privs":
                NoNewPrivileges = value is null or "true" or "1" or "t" or "T" or "TRUE" or "True";
                DropsNoNewPrivileges |= !NoNewPrivileges;
                break;
            case "help" or "usage" when value is null && !HasId:
                Help ??= word;
                break;
            default:
                break;
        }
    }

    // [CONTROLLER,...:]PATH
    private static bool LeadsUp(string cgroup)
    {
        foreach (Range segment in cgroup.AsSpan().SplitAny('/', ':'))
        {
            if (cgroup.AsSpan(segment) is "..")
            {
                return true;
            }
        }

        return false;
    }

    // crun names the kind of log before its place; journald and syslog are out of our reach, so those errors go to standard error.
    private static string LogPath(string value)
        => value.StartsWith("file:", StringComparison.Ordinal) ? value["file:".Length..]
            : value.StartsWith("journald:", StringComparison.Ordinal) || value.StartsWith("syslog:", StringComparison.Ordinal) ? ""
            : value;
}
