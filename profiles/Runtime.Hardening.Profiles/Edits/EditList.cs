using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Edits;

/// <summary>The edits of one decision, at most one a place.</summary>
public sealed class EditList
{
    private readonly List<SpecEdit> _edits = [];

    /// <summary>The edits in the order of <see cref="SpecPath"/>.</summary>
    public IReadOnlyList<SpecEdit> Edits => _edits;

    /// <summary>How many there are.</summary>
    public int Count => _edits.Count;

    /// <summary>Adds an edit.</summary>
    /// <exception cref="InvalidOperationException">Another rule wants the same place: rules are made so that this cannot happen.</exception>
    public void Add(SpecEdit edit)
    {
        int index = _edits.FindIndex(existing => existing.Path >= edit.Path);
        if (index >= 0 && _edits[index].Path == edit.Path)
        {
            throw new InvalidOperationException(
                $"{edit.Path.Text()} is wanted by {_edits[index].Owner.Text()} ({_edits[index].Policies}) and by {edit.Owner.Text()} ({edit.Policies}).");
        }

        _edits.Insert(index < 0 ? _edits.Count : index, edit);
    }
}
