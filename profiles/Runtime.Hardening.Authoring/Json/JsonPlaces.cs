using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Json;

/// <summary>Where values of a tree stand in the file they were read from.</summary>
internal static class JsonPlaces
{
    /// <summary>The place of the value's first character; the first place above it for a value that was put there later.</summary>
    public static SourceLocation Place(this JToken token)
    {
        for (JToken? at = token; at is not null; at = at.Parent)
        {
            if (at.Annotation<Mark>() is { } mark)
            {
                return mark.Location;
            }
        }

        return default;
    }

    public static void Put(this JToken token, SourceLocation location) => token.AddAnnotation(new Mark(location));

    private sealed record Mark(SourceLocation Location);
}
