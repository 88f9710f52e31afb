using System.Text;
using System.Text.Json;
using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// Takes out annotations that runtimes obey. crun's <c>run.oci.*</c> can put another seccomp filter in the place of the spec's, hand its listener to anybody,
/// keep the groups of the engine or load a library; <c>org.systemd.property.*</c> can lift any limit of the container's unit, or start other units with it;
/// <c>org.criu.*</c> names a configuration file of the host. What is known to do none of it stays. runc finds a container's bundle by a label, and makes a
/// label of every annotation: one called <c>bundle</c> stands before its own, and an exec takes its process from there.
/// </summary>
internal sealed class AnnotationsRule : IHardeningRule
{
    private const string Crun = "run.oci.", Systemd = "org.systemd.property.", Bundle = "bundle";

    // crun joins their values to the cgroup's path, and follows what leads upwards.
    private static readonly string[] s_below = [Crun + "systemd.subgroup", Crun + "delegate-cgroup"];

    private static readonly string[] s_harmless =
    [
        Crun + "mount_context_type",
        Crun + "timens_offset", Crun + "seccomp_fail_unknown_syscall",
        Systemd + "After", Systemd + "Before", Systemd + "CollectMode", Systemd + "DefaultDependencies", Systemd + "Description",
        Systemd + "TimeoutStopSec", Systemd + "TimeoutStopUSec",
    ];

    // The other handler, krun, is a virtual machine: nothing of the spec's confinement reaches what runs in it.
    private const string Handler = Crun + "handler", WebAssembly = "wasm";

    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        if (context.Policies.Length == 0 || !context.Spec.Has(SpecPath.Annotations))
        {
            return;
        }

        ReadOnlySpan<byte> all = context.Spec.Raw(SpecPath.Annotations);
        var kept = new List<Range>();
        List<string> removed = Divide(all, kept);
        if (removed.Count > 0)
        {
            decision.Edits.Add(new SpecEdit(
                SpecPath.Annotations, Join(all, kept), RuleId.Annotations, context.Names(static _ => true), string.Join(", ", removed), "removed"));
        }
    }

    /// <summary>The names of the annotations that this rule takes out.</summary>
    /// <exception cref="SpecFormatException">The annotations are no object.</exception>
    internal static string[] Obeyed(ContainerSpec spec) => spec.Has(SpecPath.Annotations) ? [.. Divide(spec.Raw(SpecPath.Annotations), [])] : [];

    private static List<string> Divide(ReadOnlySpan<byte> all, List<Range> kept)
    {
        var removed = new List<string>();
        var reader = new Utf8JsonReader(all);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new SpecFormatException($"annotations must be an object, but is {JsonKind.Of(reader)}.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int start = (int)reader.TokenStartIndex;
            string? name = IsObeyed(ref reader) ? reader.GetString()! : null;
            reader.Read();
            if (name is not null && !IsHarmless(name, ref reader))
            {
                removed.Add(name);
            }
            else
            {
                kept.Add(start..(int)reader.BytesConsumed);
            }
        }

        return removed;
    }

    // Escapes are for the few keys that have any: a key may be written as "\u0072un.oci.handler".
    private static bool IsObeyed(ref Utf8JsonReader reader)
        => reader.ValueIsEscaped
            ? IsObeyed(Encoding.UTF8.GetBytes(reader.GetString()!))
            : IsObeyed(reader.ValueSpan);

    // A label ends its name at its first '='.
    private static bool IsObeyed(ReadOnlySpan<byte> name)
        => name.StartsWith("run.oci."u8) || name.StartsWith("org.systemd.property."u8) || name.StartsWith("org.criu."u8)
            || (name.StartsWith("bundle"u8) && (name.Length == Bundle.Length || name[Bundle.Length] == (byte)'='));

    private static bool IsHarmless(string name, ref Utf8JsonReader reader)
        => Array.IndexOf(s_harmless, name) >= 0
            || (reader.TokenType == JsonTokenType.String
                && ((name == Handler && reader.GetString()!.StartsWith(WebAssembly, StringComparison.Ordinal))
                    || (Array.IndexOf(s_below, name) >= 0 && Array.IndexOf(reader.GetString()!.Split('/'), "..") < 0)));

    // Every member as it stands.
    private static byte[] Join(ReadOnlySpan<byte> all, List<Range> members)
    {
        var text = new List<byte>(all.Length) { (byte)'{' };
        foreach (Range member in members)
        {
            if (text.Count > 1)
            {
                text.Add((byte)',');
            }

            text.AddRange(all[member]);
        }

        text.Add((byte)'}');
        return [.. text];
    }
}
