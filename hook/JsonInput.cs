using System.Runtime.InteropServices;
using System.Text.Json;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>
/// One JSON value from a pipe, as runc reads it: it is taken when it is complete, not when the writer closes the pipe, because the writer may wait for the
/// runtime before it does.
/// </summary>
internal static class JsonInput
{
    // Real ones have a few kilobytes.
    private const int MaxBytes = 8 * 1024 * 1024;

    /// <summary>Opens a file as the runtime would: it waits for the other end of a FIFO.</summary>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static unsafe Descriptor Open(string path)
    {
        fixed (byte* name = Descriptor.Utf8(path))
        {
            int fd;
            do
            {
                fd = open(name, O_RDONLY | O_CLOEXEC);
            }
            while (fd < 0 && Marshal.GetLastPInvokeError() == EINTR);
            return fd >= 0 ? new Descriptor(fd) : throw SystemCallException.Last("opening", path);
        }
    }

    /// <summary>The bytes up to the end of the value, and what else came with them.</summary>
    /// <exception cref="Refusal">It is no JSON, ends too early or is too large.</exception>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static byte[] ReadValue(Descriptor source, string name)
    {
        byte[] buffer = new byte[16 * 1024];
        int length = 0;
        while (true)
        {
            int count = Readiness.Read(source, buffer.AsSpan(length), name);
            length += count;
            if (IsComplete(buffer.AsSpan(0, length), isEnd: count == 0, name))
            {
                return buffer[..length];
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, length < MaxBytes ? length * 2 : throw new Refusal($"the resources in {name} are larger than {MaxBytes >> 20} MiB"));
            }
        }
    }

    private static bool IsComplete(ReadOnlySpan<byte> json, bool isEnd, string name)
    {
        try
        {
            var reader = new Utf8JsonReader(json, isEnd, new JsonReaderState(new JsonReaderOptions { MaxDepth = 1000 }));
            return reader.Read() && (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray) || reader.TrySkip());
        }
        catch (JsonException e)
        {
            throw new Refusal(json.Trim(" \t\r\n"u8).IsEmpty
                ? $"the resources in {name} are empty; expected a JSON object of limits"
                : $"the resources in {name} are not valid JSON at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}");
        }
    }
}
