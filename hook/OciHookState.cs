using System.Text.Json;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Hook;

/// <summary>
/// What a runtime tells a hook of its container on standard input (runtime-spec, "State"). crun adds <c>root</c>, which is the root file system and not
/// <c>--root</c>; runc has no such member.
/// </summary>
/// <param name="Id">The container's id.</param>
/// <param name="Bundle">The bundle's absolute path.</param>
internal sealed record OciHookState(string Id, string Bundle)
{
    /// <summary>Reads it as one JSON document: crun writes it over several lines and escapes slashes.</summary>
    /// <exception cref="Refusal">It is not what the specification says.</exception>
    public static OciHookState Parse(ReadOnlySpan<byte> utf8)
    {
        string id = "", bundle = "";
        try
        {
            var reader = new Utf8JsonReader(utf8);
            JsonMembers.Open(ref reader, "state");
            while (JsonMembers.Next(ref reader, out string name))
            {
                switch (name)
                {
                    case "id":
                        id = JsonMembers.Text(ref reader, name);
                        break;
                    case "bundle":
                        bundle = JsonMembers.Text(ref reader, name);
                        break;
                    default:
                        JsonMembers.Skip(ref reader);
                        break;
                }
            }

            // Whatever follows the document makes it none.
            reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new Refusal($"standard input is not the state of a container as a runtime gives it to its hooks: {e.Message}");
        }

        return id.Length > 0 && bundle.StartsWith('/')
            ? new OciHookState(id, bundle)
            : throw new Refusal(
                $"the state on standard input has the id '{id}' and the bundle '{bundle}', where a container's id and an absolute path were expected; "
                + "only a runtime calls this, as a hook of a container");
    }
}
