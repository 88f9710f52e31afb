using System.Buffers;
using System.Text;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Edits;

/// <summary>
/// Splices edits into a spec. Ranges between edits are copied verbatim, so that fields newer than this code, number tokens, key order and white space
/// survive byte for byte.
/// </summary>
public static class SpecEditor
{
    private readonly record struct Splice(int At, int Remove, byte[] Insert);

    /// <summary>The edited document, and where the edits ended up.</summary>
    /// <exception cref="SpecFormatException">An edit needs an object that the document does not have.</exception>
    public static (byte[] Bytes, AppliedEdit[] Applied) Apply(ContainerSpec spec, EditList edits)
    {
        List<Splice> splices = Plan(spec, edits);
        ReadOnlySpan<byte> source = spec.Bytes;
        int growth = 0;
        foreach (Splice splice in splices)
        {
            growth += splice.Insert.Length - splice.Remove;
        }

        byte[] output = new byte[source.Length + growth];
        var applied = new AppliedEdit[splices.Count];
        int read = 0, written = 0;
        for (int i = 0; i < splices.Count; i++)
        {
            Splice splice = splices[i];
            source[read..splice.At].CopyTo(output.AsSpan(written));
            written += splice.At - read;
            applied[i] = new AppliedEdit(written, splice.Insert.Length, source.Slice(splice.At, splice.Remove).ToArray());
            splice.Insert.CopyTo(output.AsSpan(written));
            written += splice.Insert.Length;
            read = splice.At + splice.Remove;
        }

        source[read..].CopyTo(output.AsSpan(written));
        return (output, applied);
    }

    /// <summary>The document before the edits.</summary>
    /// <exception cref="HardeningFormatException">The edits do not lie within the document in ascending order.</exception>
    public static byte[] Revert(ReadOnlySpan<byte> edited, ReadOnlySpan<AppliedEdit> applied)
    {
        var output = new ArrayBufferWriter<byte>(edited.Length + 1);
        int read = 0;
        foreach (AppliedEdit edit in applied)
        {
            if (edit.At < read || edit.Length < 0 || edit.At > edited.Length - edit.Length)
            {
                throw new HardeningFormatException(
                    $"The record's edit at byte {edit.At} does not fit a file of {edited.Length} bytes: config.json is not the one it describes.");
            }

            output.Write(edited[read..edit.At]);
            output.Write(edit.Original.Span);
            read = edit.At + edit.Length;
        }

        output.Write(edited[read..]);
        return output.WrittenSpan.ToArray();
    }

    private static List<Splice> Plan(ContainerSpec spec, EditList edits)
    {
        var splices = new List<Splice>(edits.Count);
        var insertions = new List<(SpecPath Parent, List<byte> Members)>();
        foreach (SpecEdit edit in edits.Edits)
        {
            Place(spec, edit.Path, edit.Json, splices, insertions);
        }

        // Objects that an edit needs and the document does not have, the innermost first: children have the higher numbers.
        for (var made = (SpecPath)(SpecPaths.Count - 1); made > SpecPath.Document; made--)
        {
            int index = insertions.FindIndex(insertion => insertion.Parent == made);
            if (index >= 0 && !spec.Has(made))
            {
                byte[] json = [(byte)'{', .. insertions[index].Members, (byte)'}'];
                insertions.RemoveAt(index);
                Place(spec, made, json, splices, insertions);
            }
        }

        foreach ((SpecPath parent, List<byte> members) in insertions)
        {
            // New members go first, right behind the brace: one place that every object has, whatever its last member looks like.
            int brace = spec.Place(parent).GetOffsetAndLength(spec.Bytes.Length).Offset;
            if (!IsEmpty(spec.Raw(parent)))
            {
                members.Add((byte)',');
            }

            splices.Add(new Splice(brace + 1, 0, [.. members]));
        }

        splices.Sort(static (a, b) => a.At.CompareTo(b.At));
        return splices;
    }

    private static void Place(
        ContainerSpec spec, SpecPath path, ReadOnlyMemory<byte> json, List<Splice> splices, List<(SpecPath Parent, List<byte> Members)> insertions)
    {
        if (spec.IsPresent(path))
        {
            (int offset, int length) = spec.Place(path).GetOffsetAndLength(spec.Bytes.Length);
            splices.Add(new Splice(offset, length, json.ToArray()));
            return;
        }

        SpecPath parent = path.Parent();
        if (!spec.Has(parent) && !parent.MayBeMade())
        {
            throw new SpecFormatException($"{path.Text()} cannot be set, because the spec has no {parent.Text()}.");
        }

        int index = insertions.FindIndex(insertion => insertion.Parent == parent);
        if (index < 0)
        {
            index = insertions.Count;
            insertions.Add((parent, []));
        }

        List<byte> members = insertions[index].Members;
        if (members.Count > 0)
        {
            members.Add((byte)',');
        }

        members.AddRange(Encoding.ASCII.GetBytes($"\"{path.Key()}\":"));
        members.AddRange(json.Span);
    }

    private static bool IsEmpty(ReadOnlySpan<byte> json) => json[1..].TrimStart(" \t\r\n"u8).StartsWith("}"u8);
}
