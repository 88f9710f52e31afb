using System.Text.Json;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The published hardeningd beside a private containerd.</summary>
public sealed class Daemon : IDisposable
{
    private readonly Background _process;

    /// <param name="node">The node whose containers it watches.</param>
    /// <param name="name">Names its own folder; the same name again is a restart with the same cursor.</param>
    /// <param name="variables">The OTEL_* variables.</param>
    public Daemon(ContainerdNode node, string name, IReadOnlyDictionary<string, string> variables)
    {
        string folder = Directory.CreateDirectory(Path.Combine(node.Installation.Folder, name)).FullName;
        string settings = Path.Combine(folder, "collector.json");
        File.WriteAllText(settings, JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["interval"] = "1s",
            ["containerd"] = node.Socket,
            ["hook"] = node.Installation.Settings,
            ["output"] = Path.Combine(folder, "telemetry"),
            ["state"] = Path.Combine(folder, "state"),
            ["socket"] = Path.Combine(folder, "hardeningd.sock"),
        }));
        var environment = new Dictionary<string, string>(variables) { ["HARDENING_CONFIG"] = node.Installation.Settings };
        _process = new Background(Published.Hardeningd, ["--config", settings], environment);
    }

    public string Log => _process.Log;

    public bool HasExited => _process.HasExited;

    public void Crash() => _process.Crash();

    public void Dispose() => _process.Dispose();
}
