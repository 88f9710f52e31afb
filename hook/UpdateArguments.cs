namespace Runtime.Hardening.Hook;

/// <summary>
/// What an update asks for on the command line. Where a file of resources is named, runtimes ignore the flags for single limits. runc takes flags behind the
/// id too, crun does not; reading them everywhere costs nothing, because crun then fails by itself.
/// </summary>
internal sealed class UpdateArguments
{
    /// <summary>What stands for standard input in the place of a file.</summary>
    public const string StandardInput = "-";

    private static readonly string[] s_values =
    [
        "resources", "r", "blkio-weight", "cpu-period", "cpu-quota", "cpu-burst", "cpu-share", "cpu-rt-period", "cpu-rt-runtime", "cpu-idle", "cpuset-cpus",
        "cpuset-mems", "kernel-memory", "kernel-memory-tcp", "memory", "memory-reservation", "memory-swap", "pids-limit", "l3-cache-schema", "mem-bw-schema",
    ];

    private readonly Dictionary<string, string> _flags = [];
    private int _fileIndex;
    private string _filePrefix = "";

    /// <summary>Every argument that is neither a flag nor the value of a known one: the container's id, and what runtimes refuse.</summary>
    public List<string> Ids { get; } = [];

    /// <summary>The last --resources, which is the one that counts; empty when there is none.</summary>
    public string File { get; private set; } = "";

    /// <summary>A flag that we do not know and that may or may not take the next argument; null when there is none.</summary>
    public string? UnknownFlag { get; private set; }

    /// <summary>The value of a flag for a single limit as it was given last; null when it was not given.</summary>
    public string? this[string flag] => _flags.GetValueOrDefault(flag);

    /// <summary>Reads what follows the verb.</summary>
    public static UpdateArguments Parse(RuntimeArguments arguments)
    {
        var result = new UpdateArguments();
        bool flagsEnded = false;
        IReadOnlyList<string> all = arguments.All;
        for (int i = arguments.VerbIndex + 1; i < all.Count; i++)
        {
            if (flagsEnded || !RuntimeArguments.IsFlag(all[i]))
            {
                result.Ids.Add(all[i]);
            }
            else if (all[i] == "--")
            {
                flagsEnded = true;
            }
            else
            {
                i = result.Take(all, i);
            }
        }

        return result;
    }

    /// <summary>The arguments with another file in the place of the one that counts.</summary>
    public IReadOnlyList<string> WithFile(IReadOnlyList<string> all, string path)
    {
        string[] changed = [.. all];
        changed[_fileIndex] = _filePrefix + path;
        return changed;
    }

    // Gives where the flag ends.
    private int Take(IReadOnlyList<string> all, int i)
    {
        (string name, string? value) = RuntimeArguments.Split(all[i]);
        string? known = RuntimeArguments.Resolve(all[i], name, s_values);
        if (known is null && all[i].StartsWith("-r", StringComparison.Ordinal))
        {
            (known, value) = ("r", all[i][2..]);   // argp: the value follows a short flag at once
        }

        if (known is null)
        {
            UnknownFlag ??= value is null && name is not ("help" or "h" or "?" or "usage" or "version" or "V") ? all[i] : null;
            return i;
        }

        int valueIndex = value is null ? i + 1 : i;
        value ??= valueIndex < all.Count ? all[valueIndex] : "";
        if (known is "resources" or "r")
        {
            // In -r=FILE the file is FILE to runc and =FILE to crun: written out, it is the same to both.
            string attached = all[i].StartsWith("-r=", StringComparison.Ordinal) ? "--resources=" : all[i][..^(valueIndex == i ? value.Length : 0)];
            (File, _fileIndex, _filePrefix) = (value, valueIndex, valueIndex == i ? attached : "");
        }
        else
        {
            _flags[known] = value;
        }

        return valueIndex;
    }
}
