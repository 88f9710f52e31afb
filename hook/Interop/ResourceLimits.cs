using System.Runtime.InteropServices;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>getrlimit(2), which Tmds.LibC does not have.</summary>
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

    /// <summary>Our own limit, which the runtime and a process without an entry of its own inherit; null for a type we do not know.</summary>
    public static Rlimit? Inherited(string type)
    {
        int resource = Rlimit.KnownTypes.IndexOf(type);
        Limit limit;
        return resource >= 0 && Get(resource, &limit) == 0 ? new Rlimit(type, limit.Soft, limit.Hard) : null;
    }
}
