using System.Globalization;
using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// The runtime that called a hook: it is the hook's parent, and its command line has what no state on standard input tells, its <c>--root</c>, by which
/// policies know the engine.
/// </summary>
internal static class OciHookParent
{
    /// <summary>The runtime's <c>--root</c>, empty when it has none; null when the parent is not the runtime that starts this container.</summary>
    public static string? RootOf(string id)
    {
        string path = $"/proc/{((int)getppid()).ToString(CultureInfo.InvariantCulture)}/cmdline";
        try
        {
            using Descriptor file = Descriptor.Open(Descriptor.CurrentDirectory, path, O_RDONLY);
            return RootIn(Encoding.UTF8.GetString(file.ReadToEnd(path, 4096)), id);
        }
        catch (Exception e) when (e is SystemCallException or HardeningFormatException)
        {
            return null;   // gone, or not ours to read
        }
    }

    /// <summary>The same for the text of /proc/PID/cmdline: each word is closed by a NUL, the first is the program.</summary>
    internal static string? RootIn(string commandLine, string id)
    {
        string[] words = commandLine.TrimEnd('\0').Split('\0');
        RuntimeArguments arguments = RuntimeArguments.Parse(words[1..]);
        return arguments.StartsContainer && arguments.Id == id ? arguments.GivenRoot ?? "" : null;
    }
}
