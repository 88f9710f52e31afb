using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Runtime.Hardening.Cli.Engines;

/// <summary>JSON for --output json: indented, one member a line, non-ASCII and quotes readable.</summary>
internal static class JsonText
{
    public static string Object(Action<Utf8JsonWriter> members)
    {
        using MemoryStream buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
