using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Settings;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>The node's settings as the hook found them, and what must be said about how it found them.</summary>
/// <param name="Node">The settings in force.</param>
/// <param name="Path">The file they are from, or would be from.</param>
/// <param name="Remark">What the journal must know: another file was named, or the file is unusable. Empty otherwise.</param>
/// <param name="IsBroken">Whether the file is there and unusable.</param>
internal sealed record HookSettings(NodeSettings Node, string Path, string Remark, bool IsBroken)
{
    /// <summary>Reads the settings. Broken ones are no error: a node whose settings are broken must still boot, so that it can be repaired.</summary>
    /// <exception cref="SystemCallException">This process cannot open anything (EMFILE): who knows what the settings say.</exception>
    public static HookSettings Load()
    {
        string? named = Environment.GetEnvironmentVariable(NodeSettings.Variable);
        if (string.IsNullOrEmpty(named))
        {
            return Load(NodeSettings.DefaultPath, "");
        }

        return Trust.DoubtOfPath(named) is { } doubt
            ? Load(NodeSettings.DefaultPath, $"{NodeSettings.Variable} was ignored: {doubt}. ")
            : Load(named, $"{NodeSettings.Variable} names {named}. ");
    }

    private static HookSettings Load(string path, string remark)
    {
        Descriptor? opened = Descriptor.TryOpen(Descriptor.CurrentDirectory, path, O_RDONLY | O_NOFOLLOW, out int errno);
        if (opened is not { } file)
        {
            // No file is a fresh install: every default holds.
            return errno == ENOENT
                ? new HookSettings(new NodeSettings(), path, remark, IsBroken: false)
                : Broken(path, remark, new SystemCallException("opening", path, errno).Message);
        }

        using (file)
        {
            try
            {
                Tmds.Linux.stat status = file.Stat(path);
                return Trust.Doubt(status, path) is { } doubt
                    ? Broken(path, remark, doubt)
                    : new HookSettings(NodeSettings.Parse(file.ReadToEnd(path, (long)status.st_size), path), path, remark, IsBroken: false);
            }
            catch (HardeningFormatException e)
            {
                return Broken(path, remark, e.Message);
            }
        }
    }

    private static HookSettings Broken(string path, string remark, string why)
        => new(new NodeSettings(), path, $"{remark}The settings are unusable, so every default holds: {why}", IsBroken: true);
}
