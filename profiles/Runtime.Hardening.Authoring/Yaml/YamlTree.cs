using Runtime.Hardening.Authoring.Findings;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Runtime.Hardening.Authoring.Yaml;

/// <summary>
/// Turns a YAML text into trees with positions, from the parser's events: no object is ever built by reflection. A document with a
/// syntax error is reported and skipped, and reading goes on with the next one.
/// </summary>
internal sealed class YamlTree
{
    // Far beyond what a policy needs; the bound keeps the builder's recursion and an alias bomb small.
    private const int DeepestNesting = 32;
    private const int LargestDocument = 20_000;

    private readonly string _file;
    private readonly string _text;
    private readonly LintReport _report;
    private readonly int _lineOffset;
    private readonly Parser _parser;
    private readonly Dictionary<string, (YamlNode Node, int Weight)> _anchors = new(StringComparer.Ordinal);
    private int _weight;

    private YamlTree(string file, string text, int lineOffset, LintReport report)
    {
        _file = file;
        _text = text;
        _report = report;
        _lineOffset = lineOffset;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The documents of the text in their order, without the empty and the broken ones.</summary>
    public static IReadOnlyList<YamlNode> Read(string file, string text, LintReport report)
    {
        List<YamlNode> documents = [];
        int start = 0;
        int line = 0;
        while (true)
        {
            YamlTree tree = new(file, text[start..], line, report);
            if (tree.ReadDocuments(documents) is not { } brokenLine || !FindNextDocument(text, ref start, ref line, brokenLine))
            {
                return documents;
            }
        }
    }

    /// <summary>Null when the text was read to its end; else the line (from 1, in the whole file) where it could not go on.</summary>
    private int? ReadDocuments(List<YamlNode> documents)
    {
        try
        {
            Next();
            while (Next() is DocumentStart)
            {
                _anchors.Clear();
                _weight = 0;
                ParsingEvent first = Next();
                YamlNode root = Build(first, 0);
                if (root is YamlScalar { IsNull: true })
                {
                    _report.Warning("empty-document", root.Location, "This document is empty. Remove it, or write a policy.");
                }
                else
                {
                    documents.Add(root);
                }

                Next();
            }

            return null;
        }
        catch (YamlException e)
        {
            SourceLocation place = Place(e.Start);
            if (FindTab(place.Line) is { } tab)
            {
                _report.Error("yaml-syntax", tab, "A tab indents this line, and YAML takes only blanks for that. Replace it by blanks.");
            }
            else
            {
                _report.Error("yaml-syntax", place, $"This is not YAML: {Clean(e)}");
            }

            return place.Line;
        }
        catch (DocumentRefusedException e)
        {
            _report.Error(e.Code, e.Location, e.Message);
            return e.Location.Line;
        }
    }

    private YamlNode Build(ParsingEvent current, int depth)
    {
        SourceLocation place = Place(current.Start);
        if (++_weight > LargestDocument)
        {
            throw new DocumentRefusedException("document-too-large", place,
                $"The document holds more than {LargestDocument} values, aliases counted in full. Split it, and do not nest aliases.");
        }

        if (depth > DeepestNesting)
        {
            throw new DocumentRefusedException("too-deep", place, $"Values are nested more than {DeepestNesting} levels deep here. No policy needs that.");
        }

        if (current is AnchorAlias alias)
        {
            return Resolve(alias, place);
        }

        int before = _weight;
        if (current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag })
        {
            _report.Error("yaml-tag", place, $"The tag '{tag.Value}' is not supported. Remove it; quotes make a text of a number.");
        }

        YamlNode node = current switch
        {
            Scalar scalar => new YamlScalar(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => BuildSequence(place, depth),
            MappingStart => BuildMapping(place, depth),
            _ => throw new DocumentRefusedException("yaml-syntax", place, $"This is not YAML: unexpected {current.GetType().Name}."),
        };

        if (current is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor.Value] = (node, _weight - before + 1);
        }

        return node;
    }

    // An anchor is known only when its node is complete, so a node cannot contain itself.
    private YamlNode Resolve(AnchorAlias alias, SourceLocation place)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out (YamlNode Node, int Weight) target))
        {
            throw new DocumentRefusedException("yaml-alias", place, $"The alias '*{alias.Value.Value}' stands for nothing that is complete before it.");
        }

        _weight += target.Weight;
        return target.Node;
    }

    private YamlSequence BuildSequence(SourceLocation place, int depth)
    {
        List<YamlNode> items = [];
        for (ParsingEvent next = Next(); next is not SequenceEnd; next = Next())
        {
            items.Add(Build(next, depth + 1));
        }

        return new YamlSequence(place, items);
    }

    private YamlMapping BuildMapping(SourceLocation place, int depth)
    {
        List<KeyValuePair<YamlScalar, YamlNode>> entries = [];
        Dictionary<string, SourceLocation> seen = new(StringComparer.Ordinal);
        for (ParsingEvent next = Next(); next is not MappingEnd; next = Next())
        {
            YamlNode key = Build(next, depth + 1);
            YamlNode value = Build(Next(), depth + 1);
            if (key is not YamlScalar { IsNull: false } name)
            {
                _report.Error("yaml-key", key.Location, $"A key must be a text, but is {key.Kind}.");
            }
            else if (name is { Text: "<<", IsPlain: true })
            {
                _report.Error("merge-key", name.Location, "Merge keys ('<<') are not supported. Write the fields out, or share them with 'extends'.");
            }
            else if (!seen.TryAdd(name.Text, name.Location))
            {
                _report.Error("duplicate-key", name.Location, $"The key '{name.Text}' stands twice, first in line {seen[name.Text].Line}. Keep one of them.");
            }
            else
            {
                entries.Add(new(name, value));
            }
        }

        return new YamlMapping(place, entries);
    }

    private ParsingEvent Next()
    {
        do
        {
            if (!MoveNext())
            {
                return new StreamEnd(Mark.Empty, Mark.Empty);
            }
        }
        while (_parser.Current is Comment);

        return _parser.Current!;
    }

    // On some broken texts ('[[]' before a line that ends in a colon) the library's scanner trips over itself instead of naming the mistake.
    private bool MoveNext()
    {
        Mark last = _parser.Current?.End ?? Mark.Empty;
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            throw new DocumentRefusedException("yaml-syntax", Place(last), "This is not YAML: something is wrong after this place, such as a bracket or quote that is not closed.");
        }
    }

    private SourceLocation Place(in Mark mark) => new(_file, (int)mark.Line + _lineOffset, (int)mark.Column);

    // The library repeats the position in its message, in a form that editors do not understand.
    private static string Clean(YamlException e)
    {
        string message = e.Message;
        if (message.StartsWith('(') && message.IndexOf("): ", StringComparison.Ordinal) is > 0 and int end)
        {
            message = message[(end + 3)..];
        }

        return message.EndsWith('.') ? message : message + ".";
    }

    // The parser stumbles over a tab at places that do not name it: at the key above, or at the document's start.
    private SourceLocation? FindTab(int near)
    {
        string[] lines = _text.Split('\n');
        for (int i = Math.Max(0, near - _lineOffset - 1); i < lines.Length; i++)
        {
            string indentation = lines[i][..(lines[i].Length - lines[i].TrimStart(' ', '\t').Length)];
            if (indentation.Contains('\t', StringComparison.Ordinal))
            {
                return new SourceLocation(_file, i + 1 + _lineOffset, indentation.IndexOf('\t', StringComparison.Ordinal) + 1);
            }

            if (i > 0 && lines[i].StartsWith("---", StringComparison.Ordinal))
            {
                return null;
            }
        }

        return null;
    }

    // '---' at the start of a line begins a document wherever it stands, also inside a text.
    private static bool FindNextDocument(string text, ref int start, ref int line, int brokenLine)
    {
        int position = 0;
        for (int current = 1; position < text.Length; current++)
        {
            if (current >= brokenLine && position > start && text.AsSpan(position).StartsWith("---", StringComparison.Ordinal))
            {
                (start, line) = (position, current - 1);
                return true;
            }

            int end = text.IndexOf('\n', position);
            position = end < 0 ? text.Length : end + 1;
        }

        return false;
    }
}
