namespace Runtime.Hardening.Seccomp.Tests.Native;

/// <summary>
/// Runs work that may never end: libseccomp's insertion of overlapping rules takes exponential time for some profiles, and a call into it cannot be cancelled. Its thread is then
/// left behind, and the caller's next work gets another.
/// </summary>
internal sealed class TimeLimit
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);   // what ends takes milliseconds

    [ThreadStatic]
    private static TimeLimit? t_own;

    private readonly object _lock = new();   // with what follows
    private Action? _work;
    private Exception? _error;

    private TimeLimit() => new Thread(Serve) { IsBackground = true }.Start();

    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static T Run<T>(Func<T> work)
    {
        T result = default!;
        TimeLimit own = t_own ??= new TimeLimit();
        if (!own.Do(() => result = work()))
        {
            t_own = null;
            throw new TimeoutException($"libseccomp has not made a filter within {s_limit.TotalSeconds} s");
        }

        return own._error is { } error ? throw new InvalidOperationException(error.Message, error) : result;
    }

    private bool Do(Action work)
    {
        long end = Environment.TickCount64 + (long)s_limit.TotalMilliseconds;
        lock (_lock)
        {
            _work = work;
            Monitor.PulseAll(_lock);
            while (_work is not null)
            {
                long left = end - Environment.TickCount64;
                if (left <= 0)
                {
                    return false;
                }

                Monitor.Wait(_lock, (int)left);
            }

            return true;
        }
    }

    private void Serve()
    {
        while (true)
        {
            Action work;
            lock (_lock)
            {
                while (_work is null)
                {
                    Monitor.Wait(_lock);
                }

                (work, _error) = (_work, null);
            }

            Exception? error = null;
            try
            {
                work();
            }
            catch (Exception e)
            {
                error = e;   // the caller's to report
            }

            lock (_lock)
            {
                (_work, _error) = (null, error);
                Monitor.PulseAll(_lock);
            }
        }
    }
}
