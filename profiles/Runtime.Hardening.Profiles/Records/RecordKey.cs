using System.Globalization;
using System.Text;

namespace Runtime.Hardening.Profiles.Records;

/// <summary>Which record belongs to which container: runtimes tell containers apart by their <c>--root</c> and id, so we do too.</summary>
public static class RecordKey
{
    /// <summary>How the file name of a record ends.</summary>
    public const string Ending = ".json";

    private const int ReadableCharacters = 48;

    /// <summary>The record's file name: a readable beginning of the id, then FNV-1a/64 over root, NUL and id.</summary>
    public static string FileName(string root, string id)
    {
        ulong hash = Fnv(Fnv(Fnv(14695981039346656037UL, Encoding.UTF8.GetBytes(root)), [0]), Encoding.UTF8.GetBytes(id));
        return Beginning(id) + hash.ToString("x16", CultureInfo.InvariantCulture) + Ending;
    }

    /// <summary>How the file names of all records of an id begin, whatever their root; sixteen hex digits and <see cref="Ending"/> follow.</summary>
    public static string Beginning(string id)
    {
        var name = new StringBuilder(ReadableCharacters + 1);
        foreach (char c in id.AsSpan(0, Math.Min(id.Length, ReadableCharacters)))
        {
            name.Append(char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_');
        }

        return name.Append('-').ToString();
    }

    private static ulong Fnv(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            hash = unchecked((hash ^ b) * 1099511628211UL);
        }

        return hash;
    }
}
