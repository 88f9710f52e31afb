using System.Text.Json.Nodes;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>
/// Debian's Podman with storage, state and cgroup parent of its own, and an installation of ours beside it. Podman has no daemon: each call is a program. The
/// machine's own Podman is never asked for anything.
/// </summary>
public sealed class PodmanNode : IAsyncDisposable
{
    private static int s_count;

    // Podman mounts files of its own from there into each container. The shipped bases deny mounts of /tmp, and /var/lib is compared by other tests.
    private readonly string _folder = Directory.CreateDirectory($"/var/tmp/hardening-test-podman-{System.Environment.ProcessId}").FullName;
    private readonly string _parent = $"/hardening-test-podman-{System.Environment.ProcessId}";

    public PodmanNode(TestImage image) => Podman([], "load", "--quiet", "--input", image.Archive).Succeeded();

    public Installation Installation { get; } = new();

    /// <summary>Variables on top of our environment for each call of podman. conmon and the runtime get none of them.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>A runtime for <c>--runtime</c> that is the hook of this installation. Podman goes by the base name: one it knows (runc) gets a <c>--log</c>.</summary>
    public string HookAs(string name)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "runtime")).FullName, name);
        File.WriteAllText(path, $"#!/bin/sh\nexport HARDENING_CONFIG={Installation.Settings}\nexec {Published.Hook} \"$@\"\n");
        Command.Run("/bin/chmod", ["755", path]).Succeeded();
        return path;
    }

    /// <summary>An empty folder, for hook files that a call names by <c>--hooks-dir</c> and the like.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, $"folder-{Interlocked.Increment(ref s_count)}")).FullName;

    /// <summary>Puts one of the hook files that we ship into a folder, for this installation: its text but for the program's path and settings.</summary>
    public void InstallHook(string shipped, string folder)
    {
        JsonNode file = JsonNode.Parse(File.ReadAllText(Path.Combine(Published.Repository, "packaging/hooks", shipped)))!;
        Assert.Equal("/usr/bin/hardening-hook", file["hook"]!["path"]!.GetValue<string>());
        file["hook"]!["path"] = Published.Hook;
        file["hook"]!["env"]!.AsArray().Add($"HARDENING_CONFIG={Installation.Settings}");
        File.WriteAllText(Path.Combine(folder, Path.GetFileName(shipped)), file.ToJsonString());
    }

    /// <summary>Runs podman with global options before the command.</summary>
    public Outcome Podman(string[] global, params string[] arguments) => Command.Run(
        "podman",
        [
            "--storage-driver", "vfs", "--root", Path.Combine(_folder, "storage"), "--runroot", Path.Combine(_folder, "run"), "--tmpdir", Path.Combine(_folder, "tmp"),
            "--events-backend", "none", "--cgroup-manager", "cgroupfs", .. global, .. arguments,
        ],
        Environment);

    /// <summary><c>podman run</c> of the test image; root on a build machine may not raise hard limits, so the container keeps low ones.</summary>
    public Outcome Run(string[] global, string[] options, params string[] program) => Podman(
        global,
        [
            "run", "--cgroup-parent", _parent, "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000", .. options, TestImage.Name,
            .. program,
        ]);

    /// <summary>The same for a container that stays; gives its id.</summary>
    public string Start(string[] global, params string[] options)
        => Run(global, ["--detach", "--name", $"p{Interlocked.Increment(ref s_count)}", .. options], "/bin/sleep", "600").Succeeded().Text.Trim();

    /// <summary>The container's first process, as the host numbers it.</summary>
    public int ProcessOf(string id) => int.Parse(Inspect(id, "{{.State.Pid}}"), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>One field of <c>podman inspect</c>.</summary>
    public string Inspect(string id, string format) => Podman([], "inspect", "--format", format, id).Succeeded().Text.Trim();

    public ValueTask DisposeAsync()
    {
        Podman([], "rm", "--all", "--force", "--time", "0");
        Remains.RemoveCgroup($"{_parent}/conmon");
        Remains.RemoveCgroup(_parent);
        Installation.Dispose();
        Remains.Remove(_folder);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Tests that share one private Podman.</summary>
[CollectionDefinition(Name)]
public sealed class OnePodman : ICollectionFixture<PodmanNode>
{
    public const string Name = "one podman";
}
