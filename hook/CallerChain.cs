using System.Globalization;
using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// The processes that called us, as far as they wait for us with our own command line at the end of theirs: wrappers that fork. A circle through one of them
/// is a chain of them that grows with every turn. One that does not wait leaves no chain, and no growing number of processes either.
/// </summary>
internal static class CallerChain
{
    // sudo, strace, timeout and nice one over the other are a handful.
    private const int MostLevels = 32;

    /// <summary>What shows that the runtime below us is the program above us; null where nothing does. Costs a read of one file where no wrapper called us.</summary>
    /// <param name="runtime">The path that we are about to start.</param>
    /// <param name="arguments">Our own command line. What stands before its verb does not count: a wrapper may add to that at every turn.</param>
    public static string? Circle(string runtime, RuntimeArguments arguments)
    {
        int from = Math.Max(arguments.VerbIndex, 0);
        string process = ((int)getppid()).ToString(CultureInfo.InvariantCulture);
        for (int level = 1; Read(process, "cmdline") is { Length: > 0 } commandLine; level++)
        {
            if (IsStartOf(commandLine, runtime))
            {
                return $"its caller, process {process}, is '{runtime}' itself";
            }

            if (!EndsWith(commandLine, arguments.All, from))
            {
                return null;
            }

            if (level == MostLevels)
            {
                return $"{MostLevels} processes, one the parent of the next, wait for it with the same command line";
            }

            process = ParentOf(process);
        }

        return null;
    }

    /// <summary>Whether a command line is a program's own or, as the kernel writes it for a script, its interpreter's.</summary>
    internal static bool IsStartOf(ReadOnlySpan<byte> commandLine, string program)
    {
        ReadOnlySpan<byte> wanted = Descriptor.Utf8(program);
        return commandLine.StartsWith(wanted) || commandLine[(commandLine.IndexOf((byte)0) + 1)..].StartsWith(wanted);
    }

    /// <summary>Whether the last words of a command line are these from a place on. No words are the end of any.</summary>
    internal static bool EndsWith(ReadOnlySpan<byte> commandLine, IReadOnlyList<string> words, int from)
    {
        for (int i = words.Count - 1; i >= from; i--)
        {
            // From the last one on: most callers end with another word, and nothing more is looked at.
            ReadOnlySpan<byte> word = Descriptor.Utf8(words[i]);
            if (!commandLine.EndsWith(word) || (commandLine.Length > word.Length && commandLine[^(word.Length + 1)] != 0))
            {
                return false;
            }

            commandLine = commandLine[..^word.Length];
        }

        return true;
    }

    // The name in brackets may have brackets and blanks itself: the fields begin behind the last one.
    private static string ParentOf(string process)
    {
        string fields = Encoding.UTF8.GetString(Read(process, "stat") ?? []);
        return fields[(fields.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var parent, ..] ? parent : "";
    }

    private static byte[]? Read(string process, string name)
    {
        string path = $"/proc/{process}/{name}";
        if (Descriptor.TryOpen(Descriptor.CurrentDirectory, path, O_RDONLY, out _) is not { } file)
        {
            return null;   // gone, or of a world that we do not see
        }

        using (file)
        {
            try
            {
                return file.ReadToEnd(path, 1024);
            }
            catch (HardeningFormatException)
            {
                return null;
            }
        }
    }
}
