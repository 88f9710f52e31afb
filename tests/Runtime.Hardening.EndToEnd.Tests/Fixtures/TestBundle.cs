using System.Text.Json.Nodes;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>A bundle as an engine hands it to the runtime, with a runtime state folder of its own.</summary>
public sealed class TestBundle : IDisposable
{
    private static int s_count;
    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-test-bundle-").FullName;

    /// <param name="image">Gives the root file system.</param>
    /// <param name="arguments">The container's program; none: the probe prints its own confinement.</param>
    public TestBundle(TestImage image, params string[] arguments)
    {
        Id = $"hardening-test-{System.Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Directory.CreateDirectory(Path);
        Command.Run(Installation.RealRuntime, ["spec"], folder: Path).Succeeded();
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(ConfigFile))!;
        spec["root"]!["path"] = image.RootFilesystem;
        spec["process"]!["terminal"] = false;
        spec["process"]!["args"] = new JsonArray([.. (arguments.Length == 0 ? ["/bin/probe", "status"] : arguments).Select(argument => JsonValue.Create(argument))]);
        spec["process"]!["noNewPrivileges"] = false;
        spec["process"]!.AsObject().Remove("rlimits");   // a container inside a container may not raise them
        spec["linux"]!["cgroupsPath"] = $"/{Id}";
        File.WriteAllText(ConfigFile, spec.ToJsonString());
    }

    public string Id { get; }

    public string Path => System.IO.Path.Combine(_folder, "bundle");

    public string ConfigFile => System.IO.Path.Combine(Path, "config.json");

    public string LogFile => System.IO.Path.Combine(Path, "log.json");

    /// <summary>The runtime's <c>--root</c>.</summary>
    public string Root => System.IO.Path.Combine(_folder, "state");

    /// <summary>The whole command line of a verb, in the spelling of containerd's shim.</summary>
    public string[] Arguments(string verb) => ["--root", Root, "--log", LogFile, "--log-format", "json", verb, "--bundle", Path, Id];

    /// <summary>The last error message of the log file: what the engine shows its user.</summary>
    public string LoggedError()
    {
        Assert.True(File.Exists(LogFile), $"{LogFile} was not written: the engine would show its user nothing.");
        string last = File.ReadLines(LogFile).Last(line => line.Contains("\"error\"", StringComparison.Ordinal));
        return JsonNode.Parse(last)!["msg"]!.GetValue<string>();
    }

    public void Dispose()
    {
        Command.Run(Installation.RealRuntime, ["--root", Root, "delete", "--force", Id]);
        Remains.Remove(_folder);
    }
}
