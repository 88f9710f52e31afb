using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>
/// Resolves <c>extends</c>: a policy has its own values, and of each base what it does not say itself. A base is a policy of the same set or
/// <c>policies/NAME.yaml</c> in a folder of profiles.
/// </summary>
internal sealed class Inheritance(IReadOnlyList<PolicyDocument> set, ProfileFolders folders, LintReport report)
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, PolicyLeaf>?> _done = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PolicyDocument?> _bases = new(StringComparer.Ordinal);
    private readonly List<string> _open = [];

    public ResolvedPolicy Resolve(PolicyDocument document)
        => new(document, Leaves(document) ?? document.Leaves);

    // Null: the policy stands in a cycle that has been reported.
    private IReadOnlyDictionary<string, PolicyLeaf>? Leaves(PolicyDocument document)
    {
        if (_done.TryGetValue(document.Name, out IReadOnlyDictionary<string, PolicyLeaf>? done))
        {
            return done;
        }

        _open.Add(document.Name);
        Dictionary<string, (PolicyLeaf Leaf, string Base)> inherited = new(StringComparer.Ordinal);
        foreach (BaseReference reference in document.Extends)
        {
            if (BaseLeaves(document, reference) is { } leaves)
            {
                Inherit(document, reference, leaves, inherited);
            }
        }

        SortedDictionary<string, PolicyLeaf> result = new(StringComparer.Ordinal);
        foreach ((string path, (PolicyLeaf leaf, _)) in inherited)
        {
            result[path] = leaf;
        }

        foreach ((string path, PolicyLeaf leaf) in document.Leaves)
        {
            result[path] = leaf;
        }

        _open.Remove(document.Name);
        _done[document.Name] = result;
        return result;
    }

    private void Inherit(
        PolicyDocument document,
        BaseReference reference,
        IReadOnlyDictionary<string, PolicyLeaf> leaves,
        Dictionary<string, (PolicyLeaf Leaf, string Base)> inherited)
    {
        foreach ((string path, PolicyLeaf leaf) in leaves)
        {
            if (document.Leaves.ContainsKey(path))
            {
                continue;
            }

            if (inherited.TryAdd(path, (leaf, reference.Name)) || inherited[path].Leaf.Text == leaf.Text)
            {
                continue;
            }

            (PolicyLeaf other, string otherBase) = inherited[path];
            report.Error("bases-disagree", reference.Location,
                $"The bases '{otherBase}' and '{reference.Name}' disagree on 'spec.{path}': {other.Text} ({other.Location}) and {leaf.Text} ({leaf.Location}). Set the field in this policy, or extend only one of them.");
        }
    }

    private IReadOnlyDictionary<string, PolicyLeaf>? BaseLeaves(PolicyDocument document, BaseReference reference)
    {
        int start = _open.IndexOf(reference.Name);
        if (start >= 0)
        {
            report.Error("extends-cycle", reference.Location,
                $"'{document.Name}' cannot extend '{reference.Name}': that is a cycle ({string.Join(" -> ", _open.Skip(start))} -> {reference.Name}). Remove one of the steps.");
            return null;
        }

        return Find(reference) is { } found ? Leaves(found) : null;
    }

    private PolicyDocument? Find(BaseReference reference)
    {
        if (set.FirstOrDefault(d => d.Name == reference.Name) is { } own)
        {
            return own;
        }

        if (_bases.TryGetValue(reference.Name, out PolicyDocument? known) && known is not null)
        {
            return known;
        }

        PolicyDocument? document = DocumentHeader.IsDnsLabel(reference.Name) && folders.FindBase(reference.Name) is { } path ? Load(path, reference) : NotFound(reference);
        _bases[reference.Name] = document;
        return document;
    }

    private PolicyDocument? Load(string path, BaseReference reference)
    {
        if (TextSource.Read(path, report) is not { } text)
        {
            return null;
        }

        PolicyDocument? document = PolicyDocumentReader.ReadAll(path, text, report).FirstOrDefault(d => d.Name == reference.Name);
        if (document is null)
        {
            report.Error("unknown-base", reference.Location, $"The file {path} holds no policy with the name '{reference.Name}'. Make metadata.name equal to the file's name.");
        }

        return document;
    }

    private PolicyDocument? NotFound(BaseReference reference)
    {
        IEnumerable<string> names = folders.NamesOf("policies").Concat(set.Select(d => d.Name));
        report.Error("unknown-base", reference.Location,
            $"There is no policy or base '{reference.Name}' in this set, and none in {folders}.{DidYouMean.Sentence(reference.Name, names)}");
        return null;
    }
}
