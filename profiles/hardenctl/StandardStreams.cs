using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Runtime.Hardening.Cli;

/// <summary>
/// Standard output and standard error as this program uses them: what cannot be written to the first is said, what cannot be written to the second is not missed.
/// One that is closed gets something in its place that takes no words, before anything else is opened: the next file would get its number, and the words.
/// </summary>
internal static class StandardStreams
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private static readonly List<SafeFileHandle> s_fillers = [];

    /// <summary>Standard output, for bytes.</summary>
    public static Stream Output { get; private set; } = Stream.Null;

    /// <summary>Puts the two in the place of what the framework would use.</summary>
    public static void Use()
    {
        FillClosed();
        Output = new OutputStream(Console.OpenStandardOutput());
        TextWriter error = new MessageWriter(new ErrorStream(Console.OpenStandardError()), s_utf8);
        Console.SetOut(new StreamWriter(Output, s_utf8) { AutoFlush = true });
        Console.SetError(error);
    }

    // Every file gets the lowest number that is free. These stay open as long as the program runs.
    private static void FillClosed()
    {
        const int LastStandard = 2;
        while (true)
        {
            SafeFileHandle nothing = File.OpenHandle("/dev/null");
            if (nothing.DangerousGetHandle() > LastStandard)
            {
                nothing.Dispose();
                return;
            }

            s_fillers.Add(nothing);
        }
    }

    /// <summary>Messages for people, one a call: a terminal never gets control characters out of a name that somebody chose.</summary>
    private sealed class MessageWriter : StreamWriter
    {
        public MessageWriter(Stream stream, Encoding encoding)
            : base(stream, encoding) => AutoFlush = true;

        public override void WriteLine(string? value) => base.WriteLine(value is null ? null : Printer.Visible(value, isOneLine: false));
    }

    private sealed class OutputStream(Stream inner) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                inner.Write(buffer);
            }
            catch (IOException e)
            {
                throw new CliException($"Standard output cannot be written: {e.Message}");
            }
            catch (UnauthorizedAccessException)
            {
                throw new CliException("Standard output cannot be written: it is closed, or open for reading only.");   // EBADF
            }
        }
    }

    // Nobody is left to tell, and the exit code says what the command found.
    private sealed class ErrorStream(Stream inner) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                inner.Write(buffer);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // As if it had been written.
            }
        }
    }

    private abstract class WriteOnlyStream : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public abstract override void Write(ReadOnlySpan<byte> buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
            // Nothing is held back.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
