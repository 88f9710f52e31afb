using System.Diagnostics;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>Waits for the world to catch up, never longer than needed.</summary>
public static class Wait
{
    /// <summary>Returns as soon as the condition holds; fails with <paramref name="otherwise"/> when the time is over.</summary>
    public static async Task UntilAsync(Func<bool> condition, TimeSpan patience, Func<string> otherwise)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(started) > patience)
            {
                Assert.Fail(otherwise());
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
