using System.Globalization;
using System.Text.RegularExpressions;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>One data point as the Collector understood it.</summary>
public sealed record ReceivedPoint(
    IReadOnlyDictionary<string, string> Resource, string Name, string Unit, string Kind, bool Monotonic, IReadOnlyDictionary<string, string> Attributes,
    DateTimeOffset Start, DateTimeOffset Time, double Value, bool NoRecordedValue);

/// <summary>One log record as the Collector understood it.</summary>
public sealed record ReceivedEvent(
    IReadOnlyDictionary<string, string> Resource, string Name, string Severity, string Body, IReadOnlyDictionary<string, string> Attributes, DateTimeOffset Time);

/// <summary>What the Collector's debug exporter printed, read back. Its text is for people, so only what the tests need is read.</summary>
public sealed partial class Received
{
    private readonly List<ReceivedPoint> _points = [];
    private readonly List<ReceivedEvent> _events = [];
    private Dictionary<string, string> _resource = [];
    private Dictionary<string, string> _target = [];
    private Dictionary<string, string> _fields = [];
    private Dictionary<string, string> _attributes = [];
    private bool _inRecord;

    public IReadOnlyList<ReceivedPoint> Points => _points;

    public IReadOnlyList<ReceivedEvent> Events => _events;

    public static Received Parse(string log)
    {
        var received = new Received();
        foreach (string line in log.Split('\n'))
        {
            received.ReadLine(line.TrimEnd('\r'));
        }

        received.FinishRecord();
        return received;
    }

    /// <summary>Points of one container, in the order in which they arrived.</summary>
    public IEnumerable<ReceivedPoint> PointsOf(string container) => _points.Where(point => point.Resource.GetValueOrDefault("container.id") == container);

    /// <summary>Events of one container, in the order in which they arrived.</summary>
    public IEnumerable<ReceivedEvent> EventsOf(string container) => _events.Where(e => e.Resource.GetValueOrDefault("container.id") == container);

    private void ReadLine(string line)
    {
        if (line.StartsWith("Resource attributes:", StringComparison.Ordinal))
        {
            FinishRecord();
            _target = _resource = [];
        }
        else if (line.StartsWith("Descriptor:", StringComparison.Ordinal))
        {
            FinishRecord();
            _target = _fields = [];
        }
        else if (line.StartsWith("NumberDataPoints #", StringComparison.Ordinal) || line.StartsWith("LogRecord #", StringComparison.Ordinal))
        {
            FinishRecord();
            if (line[0] == 'L')
            {
                _fields = [];
            }

            _inRecord = true;
            _target = _attributes = [];
        }
        else if (AttributeLine().Match(line) is { Success: true } attribute)
        {
            _target[attribute.Groups["key"].Value] = Unwrap(attribute.Groups["value"].Value);
        }
        else if (FieldLine().Match(line) is { Success: true } field && _inRecord)
        {
            _fields[field.Groups["key"].Value] = Unwrap(field.Groups["value"].Value);
        }
    }

    private void FinishRecord()
    {
        if (!_inRecord)
        {
            return;
        }

        _inRecord = false;
        if (_fields.TryGetValue("EventName", out string? name))
        {
            _events.Add(new(
                _resource, name, _fields.GetValueOrDefault("SeverityText", ""), _fields.GetValueOrDefault("Body", ""), _attributes, Time(_fields.GetValueOrDefault("Timestamp"))));
        }
        else if (_fields.TryGetValue("DataType", out string? kind))
        {
            bool empty = _fields.GetValueOrDefault("Flags", "").Length > 0 || !_fields.ContainsKey("Value");
            _points.Add(new(
                _resource, _fields["Name"], _fields.GetValueOrDefault("Unit", ""), kind, _fields.GetValueOrDefault("IsMonotonic") == "true", _attributes,
                Time(_fields.GetValueOrDefault("StartTimestamp")), Time(_fields.GetValueOrDefault("Timestamp")),
                double.Parse(_fields.GetValueOrDefault("Value", "0"), CultureInfo.InvariantCulture), empty));
            _fields.Remove("Value");
            _fields.Remove("Flags");
        }
    }

    /// <summary>Str(x), Int(1), Bool(true) and so on: the value inside.</summary>
    private static string Unwrap(string value) => Wrapped().Match(value) is { Success: true } inside ? inside.Groups["value"].Value : value;

    private static DateTimeOffset Time(string? text)
        => DateTimeOffset.TryParse(text?.Replace(" UTC", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : DateTimeOffset.UnixEpoch;

    [GeneratedRegex(@"^\s+-> (?<key>[^:]+): (?<value>.*)$")]
    private static partial Regex AttributeLine();

    [GeneratedRegex(@"^(?<key>[A-Z][A-Za-z ]*): ?(?<value>.*)$")]
    private static partial Regex FieldLine();

    [GeneratedRegex(@"^(Str|Int|Double|Bool|Slice|Map|Bytes)\((?<value>.*)\)$")]
    private static partial Regex Wrapped();
}
