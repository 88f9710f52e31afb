using System.Globalization;
using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// Brings our sentence to whoever started the container, through the channel that the engine itself chose: the runtime's <c>--log</c> file, or standard
/// error where there is none. Standard output and error are otherwise the container's own.
/// </summary>
internal static class RuntimeError
{
    /// <summary>Writes one error.</summary>
    public static void Write(RuntimeArguments arguments, string message, DateTimeOffset now)
    {
        if (arguments.Log.Length == 0 || !TryLog(arguments, Sentence(message), now))
        {
            WriteToStandardError(message);
        }
    }

    /// <summary>Writes one error where a caller without a log looks: runc puts what its hooks write there into its own error.</summary>
    public static void WriteToStandardError(string message)
    {
        try
        {
            new Descriptor(2).Write(Encoding.UTF8.GetBytes(OnOneLine(Sentence(message)) + "\n"), "standard error");
        }
        catch (SystemCallException)
        {
            return;   // closed, or nobody reads it any more: the exit code and the journal still tell
        }
    }

    private static string Sentence(string message) => $"hardening-hook: {message}";

    private static bool TryLog(RuntimeArguments arguments, string sentence, DateTimeOffset now)
    {
        // The shim reports "no such file" instead of our sentence when the runtime left none, so we create it; it is shared, so we only append.
        Descriptor? log = Descriptor.TryOpen(Descriptor.CurrentDirectory, arguments.Log, O_CREAT | O_WRONLY | O_APPEND, out _, 0x1A4);   // 0644
        if (log is not { } file)
        {
            return false;
        }

        using (file)
        {
            try
            {
                file.Write(arguments.LogIsJson ? Json(sentence, now) : Text(sentence, now), arguments.Log);
                return true;
            }
            catch (SystemCallException)
            {
                return false;   // a full disk: standard error is the next best place
            }
        }
    }

    private static byte[] Json(string sentence, DateTimeOffset now)
    {
        var entry = new JsonText(512);
        entry.OpenObject();
        entry.Member("level"u8, "error");
        entry.Member("msg"u8, sentence);
        entry.Member("time"u8, Time(now));   // the shim drops the whole entry when this is not RFC 3339
        entry.CloseObject();
        entry.Append("\n"u8);
        return entry.ToArray();
    }

    internal static byte[] Text(string sentence, DateTimeOffset now)
        => Encoding.UTF8.GetBytes(
            $"time=\"{Time(now)}\" level=error msg=\"{OnOneLine(sentence.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal))}\"\n");

    // Paths and ids stand in our sentences, and whoever chose them must not end our line and begin another.
    internal static string OnOneLine(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            _ = c switch
            {
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                _ when char.IsControl(c) => line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => line.Append(c),
            };
        }

        return line.ToString();
    }

    private static string Time(DateTimeOffset now) => now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
