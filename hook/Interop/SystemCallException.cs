using System.Runtime.InteropServices;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Hook.Interop;

/// <summary>A system call failed: which, on what, and the kernel's reason.</summary>
internal sealed class SystemCallException(string call, string path, int errno)
    : HardeningFormatException($"{call} '{path}' failed: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno})")
{
    public int Errno { get; } = errno;

    public static SystemCallException Last(string call, string path) => new(call, path, Marshal.GetLastPInvokeError());
}
