using System.Text;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Authoring.Store;

namespace Runtime.Hardening.Authoring.Yaml;

/// <summary>Reads a file that people write. What cannot be read is a finding, never an exception.</summary>
internal static class TextSource
{
    /// <summary>Policies and profiles are kilobytes; a file beyond this is something else, and parsing it would cost gigabytes.</summary>
    public const int LargestFile = 1024 * 1024;

    /// <summary>The name for the standard input.</summary>
    public const string StandardInput = "-";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text without a byte order mark, or null after a finding.</summary>
    public static string? Read(string path, LintReport report)
        => ReadBytes(path, LargestFile, "Split it into several files.", report) is { } bytes ? Decode(path, bytes, report) : null;

    /// <summary>The bytes as they are, or null after a finding, which ends with <paramref name="advice"/> where the file is too large.</summary>
    public static byte[]? ReadBytes(string path, int largest, string advice, LintReport report)
    {
        try
        {
            // A fifo would block the open, and a device never ends.
            if (FileStatus.TryRead(path, followLink: true) is { IsRegularFile: false } other)
            {
                report.CannotRead("unreadable-file", SourceLocation.Of(path), $"This is {other.Kind}, expected a regular file. "
                    + (other.IsDirectory ? "Name the file in it that is meant." : "Write what comes out of it into a file, or give '-' where a command reads the standard input."));
                return null;
            }

            if (RegularFile.LinkProblemOf(path) is { } dangling)
            {
                report.CannotRead("unreadable-file", SourceLocation.Of(path), $"The file cannot be read: {dangling} Remove the link, or put the file there.");
                return null;
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > largest)
            {
                report.CannotRead("file-too-large", SourceLocation.Of(path),
                    $"The file has {stream.Length} bytes, and at most {largest} are read. {advice}");
                return null;
            }

            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report.CannotRead("unreadable-file", SourceLocation.Of(path), $"The file cannot be read: {e.Message} Check that it exists and that you may read it.");
            return null;
        }
    }

    /// <summary>Everything that comes on the standard input, or null after a finding.</summary>
    public static byte[]? ReadInput(int largest, string advice, LintReport report)
    {
        using Stream input = Console.OpenStandardInput();
        using MemoryStream bytes = new();
        byte[] part = new byte[64 * 1024];
        for (int count = input.Read(part); count > 0; count = input.Read(part))
        {
            bytes.Write(part, 0, count);
            if (bytes.Length > largest)
            {
                report.CannotRead("file-too-large", SourceLocation.Of(StandardInput), $"The standard input has more than {largest} bytes. {advice}");
                return null;
            }
        }

        return bytes.ToArray();
    }

    /// <summary>The same for bytes that are in memory already.</summary>
    public static string? Decode(string path, ReadOnlySpan<byte> bytes, LintReport report)
    {
        if (bytes.StartsWith<byte>([0xFE, 0xFF]) || bytes.StartsWith<byte>([0xFF, 0xFE]))
        {
            report.Error("not-utf8", new SourceLocation(path, 1, 1), "The file is UTF-16 text, expected UTF-8. Save it as UTF-8.");
            return null;
        }

        if (bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF]))
        {
            bytes = bytes[3..];
        }

        string text;
        try
        {
            text = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            report.Error("not-utf8", PlaceOf(path, bytes, Math.Clamp(e.Index, 0, bytes.Length)),
                $"The byte 0x{e.BytesUnknown?.FirstOrDefault() ?? 0:X2} is not UTF-8. Save the file as UTF-8.");
            return null;
        }

        int control = text.AsSpan().IndexOfAnyInRange('\0', '\u0008');
        if (control < 0)
        {
            return text;
        }

        report.Error("control-character", PlaceOf(path, bytes, Strict.GetByteCount(text.AsSpan(0, control))),
            $"The control character U+{(int)text[control]:X4} does not belong in a text file. Remove it.");
        return null;
    }

    private static SourceLocation PlaceOf(string path, ReadOnlySpan<byte> bytes, int index)
    {
        ReadOnlySpan<byte> before = bytes[..index];
        int lineStart = before.LastIndexOf((byte)'\n') + 1;
        return new SourceLocation(path, before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[lineStart..]) + 1);
    }
}
