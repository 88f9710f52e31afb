using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Runtime.Hardening.Seccomp.Tests.Native;

/// <summary>The system's libseccomp, or the one that HARDENING_LIBSECCOMP names, to prove the model against another version.</summary>
internal static partial class LibSeccomp
{
    public const int Error = -1;   // __NR_SCMP_ERROR
    public const int Optimize = 8;   // SCMP_FLTATR_CTL_OPTIMIZE

    private const string Name = "libseccomp.so.2";

    static LibSeccomp() => NativeLibrary.SetDllImportResolver(
        typeof(LibSeccomp).Assembly,
        static (name, assembly, path) => name == Name && Environment.GetEnvironmentVariable("HARDENING_LIBSECCOMP") is { Length: > 0 } file
            ? NativeLibrary.Load(file)
            : NativeLibrary.Load(name, assembly, path));

    [StructLayout(LayoutKind.Sequential)]
    public struct Comparison
    {
        public uint Argument;
        public int Operator;
        public ulong Value;
        public ulong ValueTwo;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct VersionNumbers
    {
        public uint Major, Minor, Micro;
    }

    public static unsafe string Version
    {
        get
        {
            VersionNumbers* version = GetVersion();
            return $"{version->Major}.{version->Minor}.{version->Micro}";
        }
    }

    [LibraryImport(Name, EntryPoint = "seccomp_version")]
    private static unsafe partial VersionNumbers* GetVersion();

    [LibraryImport(Name, EntryPoint = "seccomp_init")]
    public static partial nint Init(uint defaultAction);

    [LibraryImport(Name, EntryPoint = "seccomp_release")]
    public static partial void Release(nint filter);

    [LibraryImport(Name, EntryPoint = "seccomp_arch_add")]
    public static partial int AddArchitecture(nint filter, uint token);

    [LibraryImport(Name, EntryPoint = "seccomp_arch_remove")]
    public static partial int RemoveArchitecture(nint filter, uint token);

    [LibraryImport(Name, EntryPoint = "seccomp_attr_set")]
    public static partial int SetAttribute(nint filter, int attribute, uint value);

    [LibraryImport(Name, EntryPoint = "seccomp_syscall_resolve_name", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Resolve(string name);

    [LibraryImport(Name, EntryPoint = "seccomp_syscall_resolve_name_arch", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Resolve(uint token, string name);

    [LibraryImport(Name, EntryPoint = "seccomp_syscall_resolve_num_arch", StringMarshalling = StringMarshalling.Utf8)]
    public static partial string? NameOf(uint token, int number);   // malloc'ed, and the marshaller frees it

    [LibraryImport(Name, EntryPoint = "seccomp_rule_add_array")]
    public static unsafe partial int AddRule(nint filter, uint action, int syscall, uint count, Comparison* comparisons);

    [LibraryImport(Name, EntryPoint = "seccomp_export_bpf")]
    public static partial int ExportBpf(nint filter, SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "lseek")]
    public static partial long Seek(SafeFileHandle file, long offset, int whence);
}
