using System.Text.Json;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Records;

/// <summary>What the hook decided for one container, kept for its execs, for the daemon and for reproducing the engine's own spec (ARCHITECTURE.md, "Record").</summary>
public sealed record ContainerRecord
{
    /// <summary>The version this program writes.</summary>
    public const int Version = 1;

    /// <summary>The container's id as the engine gave it.</summary>
    public required string Id { get; init; }

    /// <summary>The runtime's state root (<c>--root</c>), or its default.</summary>
    public required string Root { get; init; }

    /// <summary>The bundle's path as the engine gave it.</summary>
    public required string Bundle { get; init; }

    /// <summary>st_dev of the bundle's folder.</summary>
    public ulong BundleDevice { get; init; }

    /// <summary>st_ino of the bundle's folder.</summary>
    public ulong BundleInode { get; init; }

    /// <summary>When the decision was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>allow, unmatched or passThrough, as in the journal.</summary>
    public required string Decision { get; init; }

    /// <summary>The generation that decided, <c>builtin</c>, or empty.</summary>
    public string Generation { get; init; } = "";

    /// <summary>Policies that were applied.</summary>
    public string[] Policies { get; init; } = [];

    /// <summary>The most that a process of the container may have; null when nothing was hardened.</summary>
    public Ceiling? Ceiling { get; init; }

    /// <summary>What else the hardened spec has, for the gate; null when nothing was hardened, and in records of older versions.</summary>
    public Confinement? Confinement { get; init; }

    /// <summary>Whether the journal has said that an update of this container passed with nobody knowing its bounds.</summary>
    public bool SaidUpdate { get; init; }

    /// <summary>Which bytes of the hardened config.json stand where others stood.</summary>
    public AppliedEdit[] Edits { get; init; } = [];

    /// <summary>Reads a record.</summary>
    /// <exception cref="HardeningFormatException">It is damaged or of another version.</exception>
    public static ContainerRecord Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return RecordJson.Read(utf8);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new HardeningFormatException($"the record is unusable: {e.Message.TrimEnd('.')}", e);
        }
    }

    /// <summary>The bytes of the file.</summary>
    public byte[] Write() => RecordJson.Write(this);

    /// <summary>The spec that the engine wrote, from the hardened one.</summary>
    /// <exception cref="HardeningFormatException">The file is not the one that this record describes.</exception>
    public byte[] Restore(ReadOnlySpan<byte> hardened) => SpecEditor.Revert(hardened, Edits);
}

/// <summary>The most that any process of a container may have: what its hardened spec has.</summary>
public sealed record Ceiling
{
    /// <summary>bounding, effective, permitted, inheritable, ambient: <see cref="SpecPath.CapabilitiesBounding"/> and its four neighbours, in that order.</summary>
    public CapabilitySet[] Capabilities { get; init; } = new CapabilitySet[CapabilitySets];

    /// <summary>Whether no_new_privs is set.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>The AppArmor profile, or empty.</summary>
    public string AppArmorProfile { get; init; } = "";

    /// <summary>Whether the spec has a seccomp filter.</summary>
    public bool Seccomp { get; init; }

    /// <summary>Resource limits of the spec.</summary>
    public Rlimit[] Rlimits { get; init; } = [];

    /// <summary>What the policies bound, which an update may not lift; null when they bound nothing. The engine's own limits may be lower, and it may raise those.</summary>
    public ResourceBounds? Resources { get; init; }

    /// <summary>How many sets a process has.</summary>
    public const int CapabilitySets = 5;

    /// <summary>The sets' names in the order of <see cref="Capabilities"/>.</summary>
    public static ReadOnlySpan<string> CapabilitySetNames => s_setNames;

    private static readonly string[] s_setNames = ["bounding", "effective", "permitted", "inheritable", "ambient"];
}
