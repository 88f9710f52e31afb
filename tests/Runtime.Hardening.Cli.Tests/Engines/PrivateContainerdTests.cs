using System.Diagnostics;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Tests.Engines;

/// <summary>A containerd of our own, started with the file that hardenctl wrote: root, state and socket in a temporary folder.</summary>
public sealed class PrivateContainerdTests
{
    [Fact]
    public void Containerd_starts_with_the_configured_file_and_its_CRI_plugin_takes_the_entry()
    {
        Assert.SkipUnless(Node.HasContainerd, Node.NoContainerd);
        Assert.SkipUnless(Environment.UserName == "root", "containerd needs root.");
        using Node node = new(null);
        string socket = Path.Combine(node.Root, "containerd.sock");
        string conf = $"""
            version = 2
            root = "{node.Root}/root"
            state = "{node.Root}/state"
            disabled_plugins = ["io.containerd.internal.v1.opt"]
            [grpc]
              address = "{socket}"
            [ttrpc]
              address = "{socket}.ttrpc"
            [plugins."io.containerd.grpc.v1.cri"]
              stream_server_address = "127.0.0.1"
              stream_server_port = "0"
              enable_selinux = false
              [plugins."io.containerd.grpc.v1.cri".cni]
                conf_dir = "{node.Root}/cni"
              [plugins."io.containerd.grpc.v1.cri".containerd]
                snapshotter = "native"

            """;
        File.WriteAllText(node.Config, conf);
        // The node's own runc stands in the hook's place: what is tested here is that containerd accepts and uses the entry.
        string runtime = Path.Combine(node.Root, "usr/bin/hook-under-test");
        File.Copy(Programs.Find("runc")!, runtime);
        Assert.Equal(0, node.Hardenctl("engine", "configure", "containerd", "--default", "--hook", "/usr/bin/hook-under-test").ExitCode);
        // The entry names the node's path; the private containerd runs on this machine, so it gets the file's real place.
        File.WriteAllText(node.Config, File.ReadAllText(node.Config).Replace("\"/usr/bin/hook-under-test\"", $"\"{runtime}\"", StringComparison.Ordinal));

        ProcessStartInfo start = new(Programs.Find("containerd")!, ["--config", node.Config]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process containerd = Process.Start(start)!;
        List<string> log = [];
        containerd.ErrorDataReceived += (_, e) => { lock (log) { log.Add(e.Data ?? ""); } };
        containerd.BeginErrorReadLine();
        try
        {
            string plugins = "";
            for (int i = 0; i < 100 && !(plugins = Ctr(socket, "plugins", "ls").Output).Contains("cri", StringComparison.Ordinal); i++)
            {
                Thread.Sleep(200);
            }

            Assert.Matches(@"io\.containerd\.grpc\.v1\s+cri\s+\S+\s+ok", plugins);
            Assert.Equal("hardened", node.Effective.DefaultRuntime);

            string rootfs = Path.Combine(node.Root, "rootfs");
            Directory.CreateDirectory(Path.Combine(rootfs, "proc"));
            File.Copy(Programs.Find("busybox") ?? throw new InvalidOperationException("busybox-static is needed"), Path.Combine(rootfs, "busybox"));
            (int exitCode, string output, string error) = Ctr(socket, "run", "--rm", "--runc-binary", runtime, "--rootfs", rootfs, "engine-test", "/busybox", "echo", "through the entry's binary");
            Assert.Equal((0, "through the entry's binary\n"), (exitCode, output));
            Assert.DoesNotContain("error", error, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            Node.Stop(containerd);
        }
    }

    private static (int ExitCode, string Output, string Error) Ctr(string socket, params string[] arguments)
        => Programs.Run(Programs.Find("ctr")!, ["--address", socket, .. arguments]);
}
