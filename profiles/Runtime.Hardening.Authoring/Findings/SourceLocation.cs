namespace Runtime.Hardening.Authoring.Findings;

/// <summary>A place in a text file, as an editor counts it.</summary>
/// <param name="File">The path as the user gave it.</param>
/// <param name="Line">From 1; 0 when the finding is about the file as a whole.</param>
/// <param name="Column">From 1, in UTF-16 units; 0 when the finding is about the file as a whole.</param>
public readonly record struct SourceLocation(string File, int Line, int Column)
{
    /// <summary>The file as a whole.</summary>
    public static SourceLocation Of(string file) => new(file, 0, 0);

    /// <summary><c>file:line:column</c>, or only the file.</summary>
    public override string ToString() => Line == 0 ? File : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}
