namespace Runtime.Hardening.Hook;

/// <summary>What a word that begins with a dash is.</summary>
internal enum FlagKind
{
    /// <summary>No flag that we know; without an attached value it may or may not take the next word.</summary>
    Unknown,

    /// <summary>One word that runtimes would read in more than one way, whatever follows.</summary>
    Unclear,

    /// <summary>Takes no further word.</summary>
    Switch,

    /// <summary>Takes the next word, unless its value is attached.</summary>
    Value,
}

/// <summary>One flag as it stands on the command line.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its long name; the word itself where it is not known.</param>
/// <param name="Value">The attached value; null when there is none.</param>
/// <param name="Rewritten">The same in a spelling that has one meaning; null where the word has one already, and is forwarded as it is.</param>
internal readonly record struct FlagWord(FlagKind Kind, string Name, string? Value, string? Rewritten = null);

/// <summary>
/// The flags of a command in two grammars at once. Go's is runc's: exact names behind one dash or two, <c>=value</c> or the next word. argp's is crun's: two
/// dashes and any unambiguous beginning of a name, or one dash and letters of which one may have its value at once. Both accept some words and read them
/// differently: <c>-b=X</c> is X to runc and =X to crun, <c>-process F</c> is the file F to runc and the file rocess to crun. Such a word is read as runc
/// reads it and handed on as <c>--name=value</c>, so that what was judged is what either runtime reads.
/// </summary>
internal sealed class FlagGrammar(string[] values, string[] switches, (char Letter, string Name)[] letters)
{
    // crun's -d can have more letters behind it; what stands behind its -t is the value of that.
    private const string Clustering = "detach", OptionalValue = "tty";

    /// <summary>Flags before the verb.</summary>
    public static FlagGrammar Global { get; } = new(
        ["root", "log", "log-format", "log-level", "criu", "rootless", "cgroup-manager", "program-name"],
        ["debug", "systemd-cgroup", "help", "usage", "version", "HANG"],
        [('h', "help"), ('?', "help"), ('v', "version"), ('V', "version")]);

    /// <summary>Flags of create, run and restore.</summary>
    public static FlagGrammar Create { get; } = new(
        [
            "bundle", "config", "console-socket", "pid-file", "pidfd-socket", "preserve-fds", "image-path", "work-path", "manage-cgroups-mode", "empty-ns",
            "lsm-profile", "lsm-mount-context", "network-lock", "status-fd", "page-server", "program-name",
        ],
        [
            "no-pivot", "no-new-keyring", "no-subreaper", "no-mount-fallback", "detach", "keep", "tcp-established", "tcp-close", "ext-unix-sk", "shell-job",
            "file-locks", "auto-dedup", "lazy-pages", "help", "usage", "version", "HANG",
        ],
        [('b', "bundle"), ('f', "config"), ('d', Clustering), ('h', "help"), ('?', "help"), ('V', "version")]);

    /// <summary>Flags of exec.</summary>
    public static FlagGrammar Exec { get; } = new(
        [
            "process", "pid-file", "console-socket", "cwd", "env", "user", "additional-gids", "pidfd-socket", "process-label", "apparmor", "cap",
            "preserve-fds", "cgroup", "program-name",
        ],
        ["detach", OptionalValue, "no-new-privs", "ignore-paused", "help", "usage", "version", "HANG"],
        [
            ('p', "process"), ('e', "env"), ('u', "user"), ('g', "additional-gids"), ('c', "cap"), ('d', Clustering), ('t', OptionalValue), ('h', "help"),
            ('?', "help"), ('V', "version"),
        ]);

    /// <summary>Flags of update.</summary>
    public static FlagGrammar Update { get; } = new(
        [
            "resources", "blkio-weight", "cpu-period", "cpu-quota", "cpu-burst", "cpu-share", "cpu-rt-period", "cpu-rt-runtime", "cpu-idle", "cpuset-cpus",
            "cpuset-mems", "kernel-memory", "kernel-memory-tcp", "memory", "memory-reservation", "memory-swap", "pids-limit", "l3-cache-schema",
            "mem-bw-schema", "program-name",
        ],
        ["help", "usage", "version", "HANG"],
        [('r', "resources"), ('h', "help"), ('?', "help"), ('V', "version")]);

    /// <summary>A lone dash is an argument (update --resources -), everything else that begins with one is a flag.</summary>
    public static bool IsFlag(string argument) => argument.Length > 1 && argument[0] == '-';

    /// <summary>Reads one word; not <c>--</c>, which ends the flags.</summary>
    public FlagWord Read(string word)
    {
        bool isLong = word[1] == '-';
        ReadOnlySpan<char> body = word.AsSpan(isLong ? 2 : 1);
        int equals = body.IndexOf('=');
        ReadOnlySpan<char> name = equals < 0 ? body : body[..equals];
        if (name.Length > 1)
        {
            if (Exact(name) is { } known)
            {
                // argp takes one dash and a name for letters, which is an error where the first is none.
                return Found(word, known, Attached(body, equals), isLong || LetterOf(name[0]) is null ? null : $"-{word}");
            }

            return isLong ? Beginning(word, name, body, equals) : Letters(word);
        }

        if (name.Length == 1 && LetterOf(name[0]) is { } meant)
        {
            bool hasOneMeaning = !isLong && (equals < 0 || !IsValue(meant));
            return Found(word, meant, Attached(body, equals), hasOneMeaning ? null : $"--{meant}{body[1..]}");
        }

        return name.Length == 0 ? new FlagWord(FlagKind.Unclear, word, null)
            : isLong ? Beginning(word, name, body, equals)
            : new FlagWord(FlagKind.Unknown, word, Attached(body, equals));
    }

    private static string? Attached(ReadOnlySpan<char> body, int equals) => equals < 0 ? null : body[(equals + 1)..].ToString();

    // Where the framework could not decode a word, the kernel's bytes are handed on instead: then they must be those that we read.
    private FlagWord Found(string word, string name, string? value, string? rewritten)
        => rewritten is not null && rewritten.Contains('\ufffd', StringComparison.Ordinal)
            ? new FlagWord(FlagKind.Unclear, word, value)
            : new FlagWord(IsValue(name) ? FlagKind.Value : FlagKind.Switch, name, value, rewritten);

    // A beginning that fits several flags is an error of argp's, but only where the runtime has all of them: an older one may have the one that we look at.
    private FlagWord Beginning(string word, ReadOnlySpan<char> name, ReadOnlySpan<char> body, int equals)
    {
        string? only = null;
        foreach (string[] table in (ReadOnlySpan<string[]>)[values, switches])
        {
            foreach (string candidate in table)
            {
                if (candidate.AsSpan().StartsWith(name, StringComparison.Ordinal))
                {
                    if (only is not null)
                    {
                        return new FlagWord(FlagKind.Unclear, word, null);
                    }

                    only = candidate;
                }
            }
        }

        string? value = Attached(body, equals);
        return only is null ? new FlagWord(FlagKind.Unknown, word, value) : Found(word, only, value, $"--{only}{body[name.Length..]}");
    }

    // argp's letters in one word. runc knows no flag of that name, so this is the one meaning; with a letter that we do not know it may be any.
    private FlagWord Letters(string word)
    {
        for (int i = 1; i < word.Length; i++)
        {
            string? name = LetterOf(word[i]);
            if (name is not null && IsValue(name))
            {
                return new FlagWord(FlagKind.Value, name, i + 1 < word.Length ? word[(i + 1)..] : null);
            }

            if (name is OptionalValue)
            {
                break;
            }

            if (name is not Clustering)
            {
                return new FlagWord(FlagKind.Unclear, word, null);
            }
        }

        return new FlagWord(FlagKind.Switch, word, null);
    }

    private string? Exact(ReadOnlySpan<char> name)
    {
        foreach (string candidate in values)
        {
            if (name.SequenceEqual(candidate))
            {
                return candidate;
            }
        }

        foreach (string candidate in switches)
        {
            if (name.SequenceEqual(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    private string? LetterOf(char letter)
    {
        foreach ((char candidate, string name) in letters)
        {
            if (candidate == letter)
            {
                return name;
            }
        }

        return null;
    }

    private bool IsValue(string name) => Array.IndexOf(values, name) >= 0;
}
