using System.Runtime.InteropServices;
using System.Text;
using Runtime.Hardening.Hook.Interop;
using Runtime.Hardening.Profiles.Spec;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Runtime.Hardening.Hook;

/// <summary>The real runtime, which this process becomes: same pid, same parent, same descriptors, so that nobody can tell that we were here.</summary>
internal static unsafe class LowLevelRuntime
{
    // A turn takes milliseconds.
    private const long MostSecondsBefore = 10;

    /// <summary>Becomes the runtime. Returns only by exception.</summary>
    /// <param name="path">Absolute path of runc or crun.</param>
    /// <param name="given">The arguments that we were started with, without our name.</param>
    /// <param name="arguments">Its arguments without its name: the given ones, and perhaps some of ours among them.</param>
    /// <param name="limits">What it may have at most; empty leaves everything as it was inherited.</param>
    /// <exception cref="Refusal">It is missing, or it is ourselves.</exception>
    public static void Become(string path, IReadOnlyList<string> given, IReadOnlyList<string> arguments, IReadOnlyList<Rlimit> limits)
    {
        byte[][] argv = new byte[arguments.Count + 1][];
        argv[0] = Descriptor.Utf8(path);
        byte[][]? raw = null;
        int next = 0;
        for (int i = 0; i < arguments.Count; i++)
        {
            bool isGiven = next < given.Count && ReferenceEquals(given[next], arguments[i]);
            // The framework decodes arguments as UTF-8; where that lost something, the kernel still has the bytes.
            argv[i + 1] = isGiven && arguments[i].Contains('\ufffd', StringComparison.Ordinal)
                ? (raw ??= RawArguments(given.Count))[next]
                : Descriptor.Utf8(arguments[i]);
            next += isGiven ? 1 : 0;
        }

        RefuseOurselves(path);
        // .NET ignores SIGPIPE at start-up, and an ignored signal stays ignored across execve; under crun it would reach the container's program.
        sigaction standard = default;
        _ = sigaction(SIGPIPE, &standard, null);
        FileSizeSignal.Restore();
        byte** vector = (byte**)NativeMemory.AllocZeroed((nuint)(argv.Length + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < argv.Length; i++)
        {
            vector[i] = (byte*)NativeMemory.Alloc((nuint)argv[i].Length);
            argv[i].CopyTo(new Span<byte>(vector[i], argv[i].Length));
        }

        foreach (Rlimit limit in limits)
        {
            ResourceLimits.Lower(limit);
        }

        // execv takes the environment as it is: nothing of ours ever changed it.
        _ = Execute.Image(vector[0], vector);
        int errno = Marshal.GetLastPInvokeError();
        throw new Refusal(
            $"the runtime '{path}' cannot be started: {Marshal.GetPInvokeErrorMessage(errno)}; install it, or name another as 'runtime' in hook.json");
    }

    /// <summary>
    /// Ends a circle: a wrapper below us that comes back to us would go round for ever. One that becomes us does so in one process and unseen, but execve keeps
    /// the processor time that was used, and nobody spends seconds of it before becoming us. One that forks leaves a process waiting at every turn.
    /// </summary>
    /// <param name="runtime">The path that we are about to start.</param>
    /// <param name="arguments">Our own command line.</param>
    /// <exception cref="Refusal">There is one.</exception>
    public static void RefuseCircle(string runtime, RuntimeArguments arguments)
    {
        if (CallerChain.Circle(runtime, arguments) is { } sign)
        {
            throw new Refusal(
                $"the runtime '{runtime}' seems to lead back to hardening-hook: {sign}; name the real runc or crun as 'runtime' in hook.json, or as what the "
                + "wrapper there starts");
        }

        if (ProcessorTime.Seconds is var used && used >= MostSecondsBefore)
        {
            throw new Refusal(
                $"this process had used {used} s of processor time when hardening-hook began, so the runtime '{runtime}' seems to lead back to "
                + "hardening-hook; name the real runc or crun as 'runtime' in hook.json, or as what the wrapper there starts");
        }
    }

    // Found by device and inode: a copy under another name is found by its own settings, a link by this.
    private static void RefuseOurselves(string path)
    {
        stat ours, theirs;
        fixed (byte* self = "/proc/self/exe\0"u8)
        fixed (byte* runtime = Descriptor.Utf8(path))
        {
            if (fstatat(AT_FDCWD, self, &ours, 0) == 0 && fstatat(AT_FDCWD, runtime, &theirs, 0) == 0
                && (ulong)ours.st_ino == (ulong)theirs.st_ino && (ulong)ours.st_dev == (ulong)theirs.st_dev)
            {
                throw new Refusal($"the runtime '{path}' is hardening-hook itself; name the real runc or crun as 'runtime' in hook.json");
            }
        }
    }

    private static byte[][] RawArguments(int count)
    {
        using Descriptor file = Descriptor.Open(Descriptor.CurrentDirectory, "/proc/self/cmdline", O_RDONLY);
        ReadOnlySpan<byte> rest = file.ReadToEnd("/proc/self/cmdline", 4096);
        var all = new List<byte[]>();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf((byte)0);
            all.Add(rest[..(end + 1)].ToArray());
            rest = rest[(end + 1)..];
        }

        return [.. all.Skip(all.Count - count)];
    }
}
