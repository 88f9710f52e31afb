using Runtime.Hardening.Authoring.Store;
using System.Security.Cryptography;
using System.Text;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>One configuration file of an engine, with its exact bytes.</summary>
internal sealed class ConfigFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ConfigFile(string path, byte[]? bytes)
    {
        Path = path;
        Bytes = bytes;
        try
        {
            Text = TomlText.Parse(Strict.GetString(bytes ?? []), path);
        }
        catch (DecoderFallbackException e)
        {
            throw EngineException.Failed($"'{path}' is not UTF-8 at byte {e.Index}. Expected TOML in UTF-8: mend that byte, then run this again.");
        }
    }

    /// <summary>The real file: where the path is a symlink, what it points to, so that an edit keeps the link.</summary>
    public string Path { get; }

    /// <summary>Null: there is no such file.</summary>
    public byte[]? Bytes { get; }

    public TomlText Text { get; }

    /// <summary>The version that the file states, or null: containerd takes a file that states none for version 1.</summary>
    public int? Version => Text.Tree.TryGetValue("version", out object? version) ? version is long number ? (int)number : 0 : null;

    public static ConfigFile Read(string path)
    {
        string full = Resolve(path);
        return new ConfigFile(full, ReadBytes(full));
    }

    public static byte[]? ReadBytes(string path)
    {
        try
        {
            return File.Exists(path) ? RegularFile.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw EngineException.Failed($"Cannot read '{path}': {e.Message.TrimEnd('.')}. Run this as root.");
        }
    }

    public static byte[] Encode(string text) => Strict.GetBytes(text);

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>The absolute path of the file that a path leads to.</summary>
    public static string Resolve(string path)
    {
        string full = System.IO.Path.GetFullPath(path);
        return File.Exists(full) && File.ResolveLinkTarget(full, returnFinalTarget: true) is { } target ? target.FullName : full;
    }
}
