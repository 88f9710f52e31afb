using System.Runtime.InteropServices;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>getrlimit(2) and setrlimit(2), which Tmds.LibC does not have.</summary>
internal static unsafe partial class ResourceLimits
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [LibraryImport("libc.so.6", EntryPoint = "getrlimit64")]
    private static partial int Get(int resource, Limit* limit);

    [LibraryImport("libc.so.6", EntryPoint = "setrlimit64", SetLastError = true)]
    private static partial int Set(int resource, Limit* limit);

    /// <summary>Our own limit, which the runtime and a process without an entry of its own inherit; null for a type we do not know.</summary>
    public static Rlimit? Inherited(string type)
    {
        int resource = Rlimit.KnownTypes.IndexOf(type);
        Limit limit;
        return resource >= 0 && Get(resource, &limit) == 0 ? new Rlimit(type, limit.Soft, limit.Hard) : null;
    }

    /// <summary>Puts our own limit, and with it that of the program we become and of all it starts, under another; never raises it.</summary>
    /// <exception cref="SystemCallException">The kernel says no.</exception>
    public static void Lower(Rlimit ceiling)
    {
        if (Inherited(ceiling.Type) is not { } own || own.Min(ceiling) is not { } lower || lower == own)
        {
            return;
        }

        var limit = new Limit { Soft = lower.Soft, Hard = lower.Hard };
        if (Set(Rlimit.KnownTypes.IndexOf(ceiling.Type), &limit) != 0)
        {
            throw SystemCallException.Last("setrlimit of", ceiling.Type);
        }
    }
}
