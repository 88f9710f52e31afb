using System.Text.Json.Nodes;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>
/// What ordinary workloads do goes on under the shipped bases, together with the default profile that containerd itself gives: programs of this machine, in a
/// container whose root is an overlay over it.
/// </summary>
public class OrdinaryProgramsTests
{
    private const string Python = """
        import socket, subprocess, threading; t = threading.Thread(target=print, args=('works',)); t.start(); t.join();
        socket.socketpair(); socket.socket().bind(('127.0.0.1', 0)); subprocess.run(['true'], check=True)
        """;

    // Threads, sockets, children and a just-in-time compiler, each by the runtime that asks most of the kernel for it.
    private static readonly (string Program, string Line)[] s_programs =
    [
        ("python3", $"python3 -c \"{Python.ReplaceLineEndings(" ")}\""),
        ("node", "node -e \"new (require('worker_threads').Worker)('', {eval: true}); require('http').createServer().listen(0, () => { console.log('works'); process.exit() })\""),
        ("dotnet", "dotnet --version && echo works"),
        ("perl", "perl -e 'exit if !fork; wait; print \"works\n\"'"),
        ("gcc", "cd /tmp && echo 'int main(void){return 0;}' > a.c && gcc a.c && ./a.out && echo works"),
        ("busybox", "busybox tar c /etc/hostname | busybox gzip | busybox gunzip | busybox tar t && echo works"),
    ];

    public static TheoryData<string, string, string> Programs()
    {
        var rows = new TheoryData<string, string, string>();
        foreach ((string program, string line) in s_programs)
        {
            rows.Add("node-default", program, line);
            rows.Add("restricted", program, line);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void An_ordinary_program_works_under_a_shipped_base(string policy, string program, string line)
    {
        Assert.SkipUnless(Command.Run("/bin/sh", ["-c", $"command -v {program}"]).ExitCode == 0, $"{program} is not on this machine");
        using Installation node = new Installation().Apply($$"""
            apiVersion: hardening/v1
            kind: Policy
            metadata: { name: ordinary }
            spec: { extends: [{{policy}}], require: { user: { nonRoot: true, otherwise: report } } }
            """);
        string bundle = Directory.CreateDirectory(Path.Combine(node.Folder, "bundle")).FullName;
        JsonNode spec = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Published.Repository, "tests/Fixtures/bundles/containerd-1.6-seccomp/config.json")))!;
        string id = $"hardening-test-ordinary-{Guid.NewGuid():N}";
        spec["root"] = new JsonObject { ["path"] = Path.Combine(bundle, "rootfs") };
        spec["process"]!["args"] = new JsonArray("/bin/sh", "-c", line);
        spec["process"]!["env"] = new JsonArray($"PATH={Environment.GetEnvironmentVariable("PATH")}", "HOME=/tmp", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_NOLOGO=1");
        spec["process"]!.AsObject().Remove("rlimits");
        spec["linux"]!["cgroupsPath"] = $"/{id}";
        File.WriteAllText(Path.Combine(bundle, "config.json"), spec.ToJsonString());

        // A mount namespace of its own: whatever happens, the overlay is gone with it.
        Outcome outcome = Command.Run("unshare", ["--mount", "/bin/sh", "-ec", $"""
            mkdir {bundle}/rootfs {bundle}/layer; mount -t tmpfs none {bundle}/layer; mkdir {bundle}/layer/up {bundle}/layer/work
            mount -t overlay overlay -o lowerdir=/,upperdir={bundle}/layer/up,workdir={bundle}/layer/work {bundle}/rootfs
            exec {Published.Hook} --root {bundle}/state run --bundle {bundle} {id}
            """], node.Environment);

        Assert.Contains("works", outcome.Succeeded().Text, StringComparison.Ordinal);
        Assert.Contains(Assert.Single(node.Decisions).Policies, static name => name == "ordinary");
    }
}
