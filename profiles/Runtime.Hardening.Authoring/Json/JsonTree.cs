using System.Text;
using System.Text.Json;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Yaml;

namespace Runtime.Hardening.Authoring.Json;

/// <summary>
/// Reads JSON into a tree in which every value knows its place. The framework's reader does it, because runtimes are as strict: Newtonsoft's own takes comments,
/// single quotes and commas at the end. What a 64-bit number cannot hold keeps its spelling, so that writing the tree again loses nothing.
/// </summary>
internal ref struct JsonTree
{
    // Far beyond what a profile needs. The bounds keep recursion, memory and the list of findings small, whatever the file is.
    public const int DeepestNesting = 32;
    public const int MostValues = 500_000;

    private readonly string _file;
    private readonly LintReport _report;
    private readonly ReadOnlySpan<byte> _bytes;
    private Utf8JsonReader _reader;
    private int _values;
    private readonly int _firstLine;
    private int _line;
    private int _column = 1;
    private int _counted;

    private JsonTree(string file, ReadOnlySpan<byte> bytes, int firstLine, LintReport report)
    {
        _firstLine = _line = firstLine;
        _file = file;
        _report = report;
        _bytes = bytes;
        _reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = DeepestNesting + 2 });
    }

    /// <summary>The tree, or null after a finding. A key that stands twice is a finding too, and its first value stays.</summary>
    /// <param name="file">For findings.</param>
    /// <param name="utf8">The text.</param>
    /// <param name="report">Receives every finding.</param>
    /// <param name="firstLine">Where in the file the text begins.</param>
    public static JToken? Read(string file, ReadOnlySpan<byte> utf8, LintReport report, int firstLine = 1)
    {
        ReadOnlySpan<byte> bytes = utf8.StartsWith<byte>([0xEF, 0xBB, 0xBF]) ? utf8[3..] : utf8;
        if (TextSource.Decode(file, bytes, report) is null)
        {
            return null;
        }

        JsonTree tree = new(file, bytes, firstLine, report);
        try
        {
            tree._reader.Read();
            JToken root = tree.Value();
            tree._reader.Read();   // complains of whatever stands behind the value
            return root;
        }
        catch (JsonException e)
        {
            report.Error("json-syntax", tree.PlaceOf(e), $"This is not JSON: {InWords(bytes, e.Message)}");
        }
        catch (InvalidOperationException)
        {
            report.Error("json-syntax", tree.Here(), "This text has half a surrogate pair (\\ud800 to \\udfff), which is no character. Remove it.");
        }
        catch (DocumentRefusedException e)
        {
            report.Error(e.Code, e.Location, e.Message);
        }

        return null;
    }

    private JToken Value()
    {
        SourceLocation place = Here();
        if (++_values > MostValues)
        {
            throw new DocumentRefusedException("document-too-large", place, $"The file holds more than {MostValues} values. No profile needs that.");
        }

        if (_reader.CurrentDepth > DeepestNesting)
        {
            throw new DocumentRefusedException("too-deep", place, $"Values are nested more than {DeepestNesting} levels deep here. No profile needs that.");
        }

        JToken value = _reader.TokenType switch
        {
            JsonTokenType.StartObject => Members(),
            JsonTokenType.StartArray => Elements(),
            JsonTokenType.String => new JValue(_reader.GetString()),
            JsonTokenType.True or JsonTokenType.False => new JValue(_reader.GetBoolean()),
            JsonTokenType.Null => JValue.CreateNull(),
            _ => Number(),
        };
        value.Put(place);
        return value;
    }

    private JObject Members()
    {
        JObject value = [];
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            SourceLocation place = Here();
            string name = _reader.GetString()!;
            _reader.Read();
            JProperty member = new(name, Value());
            member.Put(place);
            if (value.Property(name) is { } first)
            {
                _report.Error("duplicate-key", place, $"'{name}' stands here for the second time, after line {first.Place().Line}; runtimes disagree on which one counts. Remove one.");
            }
            else
            {
                value.Add(member);
            }
        }

        return value;
    }

    private JArray Elements()
    {
        JArray value = [];
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            value.Add(Value());
        }

        return value;
    }

    private readonly JValue Number()
        => _reader.ValueSpan[0] != '-' && _reader.TryGetUInt64(out ulong number) ? new JValue(number) : new JRaw(Encoding.UTF8.GetString(_reader.ValueSpan));

    // Tokens come in the order of the text, so that each byte is counted once.
    private SourceLocation Here() => Advance((int)_reader.TokenStartIndex);

    private SourceLocation Advance(int to)
    {
        ReadOnlySpan<byte> passed = _bytes[_counted..Math.Max(_counted, Math.Min(to, _bytes.Length))];
        int lastBreak = passed.LastIndexOf((byte)'\n');
        if (lastBreak >= 0)
        {
            _line += passed.Count((byte)'\n');
            _column = 1;
        }

        _column += Encoding.UTF8.GetCharCount(passed[(lastBreak + 1)..]);
        _counted += passed.Length;
        return new SourceLocation(_file, _line, _column);
    }

    private SourceLocation PlaceOf(JsonException e)
    {
        int line = (int)(e.LineNumber ?? 0), start = 0;
        for (int i = 0; i < line; i++)
        {
            start += _bytes[start..].IndexOf((byte)'\n') + 1;
        }

        int length = Math.Min((int)(e.BytePositionInLine ?? 0), _bytes.Length - start);
        return new SourceLocation(_file, _firstLine + line, Encoding.UTF8.GetCharCount(_bytes.Slice(start, length)) + 1);
    }

    // The framework speaks of its own options where the two most frequent mistakes are.
    private static string InWords(ReadOnlySpan<byte> bytes, string message)
    {
        if (IsBeginning(bytes))
        {
            return bytes.Trim(" \t\r\n"u8).IsEmpty ? "there is nothing in it." : "it ends before it is complete. Is something cut off?";
        }

        if (message.Contains("trailing comma", StringComparison.Ordinal))
        {
            return "a comma stands before the closing bracket. Remove it.";
        }

        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    // Whether more text could make JSON of it.
    private static bool IsBeginning(ReadOnlySpan<byte> bytes)
    {
        Utf8JsonReader reader = new(bytes, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = DeepestNesting + 2 }));
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
