namespace Runtime.Hardening.Hook;

/// <summary>
/// What an update asks for on the command line. Where a file of resources is named, runtimes ignore the flags for single limits. runc takes flags behind the
/// id too, crun does not; reading them everywhere costs nothing, because crun then fails by itself.
/// </summary>
internal sealed class UpdateArguments
{
    /// <summary>What stands for standard input in the place of a file.</summary>
    public const string StandardInput = "-";

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
        for (int i = arguments.VerbIndex + 1; i < arguments.All.Count; i++)
        {
            string word = arguments.All[i];
            if (flagsEnded || !FlagGrammar.IsFlag(word))
            {
                result.Ids.Add(word);
            }
            else if (word == "--")
            {
                flagsEnded = true;
            }
            else
            {
                i = result.Take(arguments, i);
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
    private int Take(RuntimeArguments arguments, int i)
    {
        FlagWord flag = FlagGrammar.Update.Read(arguments.All[i]);
        arguments.Rewrite(i, flag.Rewritten);
        IReadOnlyList<string> all = arguments.All;
        if (flag.Kind != FlagKind.Value)
        {
            UnknownFlag ??= flag.Kind == FlagKind.Unclear || (flag.Kind == FlagKind.Unknown && flag.Value is null) ? all[i] : null;
            return i;
        }

        int valueIndex = flag.Value is null ? i + 1 : i;
        string value = flag.Value ?? (valueIndex < all.Count ? all[valueIndex] : "");
        if (flag.Name == "resources")
        {
            (File, _fileIndex, _filePrefix) = (value, valueIndex, valueIndex == i ? all[i][..^value.Length] : "");
        }
        else
        {
            _flags[flag.Name] = value;
        }

        return valueIndex;
    }
}
