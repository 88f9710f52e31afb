using System.Globalization;

namespace Runtime.Hardening.Collector.Settings;

/// <summary>Durations as people write them: a number and ms, s, m or h.</summary>
internal static class Duration
{
    internal const string Expected = "a number above 0 followed by ms, s, m or h, such as \"5s\"";

    private static readonly (string Unit, double Seconds)[] s_units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    internal static bool TryParse(string text, out TimeSpan duration)
    {
        foreach ((string unit, double seconds) in s_units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal) &&
                double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
            {
                duration = TimeSpan.FromSeconds(Math.Min(number * seconds, 86400));
                return duration > TimeSpan.Zero;
            }
        }

        duration = default;
        return false;
    }
}
