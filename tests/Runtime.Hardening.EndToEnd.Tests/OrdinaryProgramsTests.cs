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
        using var container = new MachineContainer(node, static _ => { }, ["/bin/sh", "-c", line]);

        Assert.Contains("works", container.Run().Succeeded().Text, StringComparison.Ordinal);
        Assert.Contains(Assert.Single(node.Decisions).Policies, static name => name == "ordinary");
    }
}
