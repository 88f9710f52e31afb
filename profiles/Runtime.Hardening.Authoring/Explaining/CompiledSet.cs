using Runtime.Hardening.Authoring.Compiling;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Seccomp;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;
using Runtime.Hardening.Profiles.Rules;

namespace Runtime.Hardening.Authoring.Explaining;

/// <summary>Compiled policies that can be asked for a decision: from documents, or from a generation in the store.</summary>
public sealed class CompiledSet : IProfileSource
{
    private readonly Func<SeccompDemand, ReadOnlyMemory<byte>> _read;
    private readonly IReadOnlyDictionary<string, ResolvedPolicy> _sources;

    private CompiledSet(string name, Policy[] policies, Func<SeccompDemand, ReadOnlyMemory<byte>> read, IReadOnlyDictionary<string, ResolvedPolicy> sources)
    {
        Name = name;
        Policies = policies;
        _read = read;
        _sources = sources;
    }

    /// <summary>For people: the folder, or the generation.</summary>
    public string Name { get; }

    /// <summary>The policies in the order of their names.</summary>
    public IReadOnlyList<Policy> Policies { get; }

    /// <summary>Compiles documents.</summary>
    /// <param name="name">For people.</param>
    /// <param name="set">A set without errors.</param>
    public static CompiledSet Of(string name, PolicySet set)
    {
        Dictionary<string, ReadOnlyMemory<byte>> profiles = set.Seccomp.Values.ToDictionary(p => p.FileName, p => p.Json, StringComparer.Ordinal);
        foreach (SeccompByCapabilitySource other in set.Seccomp.Values.Select(p => p.ByCapability).OfType<SeccompByCapabilitySource>())
        {
            profiles.TryAdd(other.FileName, other.Json);
        }

        return new CompiledSet(name, PolicyCompiler.Compile(set), demand => profiles[demand.File], set.Policies.ToDictionary(p => p.Document.Name, StringComparer.Ordinal));
    }

    /// <summary>Reads a generation.</summary>
    /// <exception cref="HardeningFormatException">It is damaged.</exception>
    public static CompiledSet Of(GenerationFolder generation)
        => new(generation.Name, generation.Read().Policies, demand => RegularFile.ReadAllBytes(Path.Combine(generation.Path, demand.File)),
            new Dictionary<string, ResolvedPolicy>(StringComparer.Ordinal));

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Read(SeccompDemand demand) => _read(demand);

    /// <summary>Where the values that made a policy ask for a rule were written: <c>file:line:column</c> with the base's name where it was inherited. Empty for a generation, which keeps no positions.</summary>
    public IReadOnlyList<string> PlacesOf(string policy, RuleId rule)
    {
        if (!_sources.TryGetValue(policy, out ResolvedPolicy? source))
        {
            return [];
        }

        string field = rule.Text();
        return
        [
            .. source.Leaves.Values
                .Where(l => l.Path == field || l.Path.StartsWith(field + ".", StringComparison.Ordinal))
                .Select(l => l.Origin == policy ? $"{l.Location}" : $"{l.Location} (base {l.Origin})"),
        ];
    }
}
