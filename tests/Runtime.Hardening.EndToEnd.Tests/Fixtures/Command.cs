using System.Diagnostics;
using System.Text;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>What a finished program left behind.</summary>
public sealed record Outcome(string CommandLine, int ExitCode, byte[] Output, byte[] Errors)
{
    public string Text => Encoding.UTF8.GetString(Output);

    public string ErrorText => Encoding.UTF8.GetString(Errors);

    /// <summary>Itself, if the program succeeded; a failed assertion with all it said otherwise.</summary>
    public Outcome Succeeded()
    {
        Assert.True(ExitCode == 0, $"{CommandLine}\nexit code {ExitCode}\n{Text}{ErrorText}");
        return this;
    }

    /// <summary>Itself, if the program failed.</summary>
    public Outcome Failed()
    {
        Assert.True(ExitCode != 0, $"{CommandLine}\nwas expected to fail, but exit code 0\n{Text}{ErrorText}");
        return this;
    }
}

/// <summary>Runs real programs to their end.</summary>
public static class Command
{
    private const string Redirect = """folder=$1; shift; exec "$@" </dev/null >"$folder/out" 2>"$folder/err" """;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program with the given variables on top of our environment.</summary>
    public static Outcome Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null, TimeSpan? patience = null)
    {
        string[] line = [program, .. arguments];
        string capture = Directory.CreateTempSubdirectory("hardening-test-output-").FullName;
        try
        {
            // Files, not pipes: a container that `create` leaves behind keeps its standard output, and a pipe would wait for its end.
            var start = new ProcessStartInfo("/bin/sh", ["-c", Redirect, "sh", capture, .. line]) { WorkingDirectory = folder ?? "/" };
            foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            {
                start.Environment[name] = value;
            }

            using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
            bool ended = process.WaitForExit(patience ?? s_patience);
            if (!ended)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            byte[] output = File.ReadAllBytes(Path.Combine(capture, "out"));
            byte[] errors = File.ReadAllBytes(Path.Combine(capture, "err"));
            return ended
                ? new(string.Join(' ', line), process.ExitCode, output, errors)
                : throw new TimeoutException($"{string.Join(' ', line)} did not end in time.\n{Encoding.UTF8.GetString(errors)}");
        }
        finally
        {
            Directory.Delete(capture, recursive: true);
        }
    }
}

/// <summary>A program that keeps running in the background; disposing ends it.</summary>
public sealed class Background : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    public Background(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything that it has written so far, standard output and error together.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public void Crash()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Command.Run("/bin/kill", ["-TERM", $"{_process.Id}"]);
            if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                _process.Kill();
                _process.WaitForExit();
            }
        }

        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
    }
}
