using System.Text.Json;

namespace Runtime.Hardening.Profiles.Spec;

/// <summary>One pass over a spec that notes where the managed places stand and refuses what runtimes would read differently (duplicate keys, case variants).</summary>
internal static class SpecScanner
{
    // encoding/json, which runc reads with, gives up at 10,000; no engine nests beyond a dozen.
    private const int MaxDepth = 1000;

    public static ContainerSpec Scan(ReadOnlyMemory<byte> utf8, SpecPath document, string file)
    {
        var places = new Range[SpecPaths.Count];
        bool[] present = new bool[SpecPaths.Count];
        var reader = new Utf8JsonReader(utf8.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                throw new SpecFormatException($"{file} must be a JSON object, but is {JsonKind.Of(reader)}.");
            }

            ScanObject(ref reader, document, places, present, file);
        }
        catch (JsonException e)
        {
            if (utf8.Span.Trim(" \t\r\n"u8).IsEmpty)
            {
                throw new SpecFormatException($"{file} is empty; expected a JSON object.");
            }

            // The reader's own message ends with position and line; both count from zero, which no editor does.
            throw new SpecFormatException(
                $"{file} is not valid JSON at line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}: {FirstSentence(e.Message)}");
        }
        catch (InvalidOperationException e)
        {
            throw new SpecFormatException($"{file} has a key that is not valid UTF-8: {e.Message}");
        }

        return new ContainerSpec(utf8, document, places, present);
    }

    private static void ScanObject(ref Utf8JsonReader reader, SpecPath path, Range[] places, bool[] present, string file)
    {
        int start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            SpecPath? member = FindMember(ref reader, path, present, file);
            reader.Read();
            if (member is not SpecPath found)
            {
                reader.Skip();
                continue;
            }

            int from = (int)reader.TokenStartIndex;
            present[(int)found] = true;
            if (found.IsObject() && reader.TokenType != JsonTokenType.Null)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    throw new SpecFormatException($"{file}: {found.Text()} must be an object, but is {JsonKind.Of(reader)}.");
                }

                ScanObject(ref reader, found, places, present, file);
            }
            else
            {
                reader.Skip();
            }

            places[(int)found] = from..(int)reader.BytesConsumed;
        }

        places[(int)path] = start..(int)reader.BytesConsumed;
        present[(int)path] = true;
    }

    private static SpecPath? FindMember(ref Utf8JsonReader reader, SpecPath parent, bool[] present, string file)
    {
        for (int i = 1; i < SpecPaths.Count; i++)
        {
            var candidate = (SpecPath)i;
            if (candidate.Parent() == parent && IsClose(ref reader, candidate.Key()))
            {
                if (!reader.ValueTextEquals(candidate.Key()))
                {
                    string key = reader.GetString()!;
                    if (!SpecKeys.Clashes(key, candidate.Key()))
                    {
                        continue;
                    }

                    throw new SpecFormatException(
                        $"{file}: the key '{key}' in {parent.Text()} is a second spelling of '{candidate.Key()}', and runtimes disagree on it.");
                }

                return present[i]
                    ? throw new SpecFormatException($"{file}: {candidate.Text()} stands there twice, and runtimes disagree on which one counts.")
                    : candidate;
            }
        }

        return null;
    }

    // A key can only be ours when it is about as long: escapes and the two folding characters make it longer, never shorter.
    private static bool IsClose(ref Utf8JsonReader reader, string key)
        => reader.ValueIsEscaped ? reader.ValueSpan.Length >= key.Length : reader.ValueSpan.Length >= key.Length && reader.ValueSpan.Length <= key.Length * 3;

    private static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
