using System.Diagnostics;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;

namespace Runtime.Hardening.Collector.Tests.Live;

/// <summary>A containerd of the test's own, with a tiny image, in a folder that is gone afterwards.</summary>
internal sealed class PrivateContainerd : IDisposable
{
    public const string Namespace = "hardeningd-test", Image = "example.test/tiny:1";

    private readonly TempFolder _folder = new();
    private readonly Process _process;

    public PrivateContainerd()
    {
        string config = _folder.Write("config.toml", $"""
            version = 2
            root = "{_folder.Path}/root"
            state = "{_folder.Path}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
            [grpc]
              address = "{Socket}"
            """);
        _process = Process.Start(new ProcessStartInfo("containerd", ["-c", config]) { RedirectStandardError = true })!;
        _process.ErrorDataReceived += (_, _) => { }; // drained, so that it never blocks
        _process.BeginErrorReadLine();
        for (int i = 0; i < 200 && !File.Exists(Socket); i++)
        {
            Thread.Sleep(50);
        }

        Ctr("images", "import", WriteImage());
    }

    public string Socket => Path.Combine(_folder.Path, "c.sock");

    public string Ctr(params string[] arguments)
    {
        using Process ctr = Process.Start(new ProcessStartInfo("ctr", ["-a", Socket, "-n", Namespace, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        Task<string> errors = ctr.StandardError.ReadToEndAsync();
        string output = ctr.StandardOutput.ReadToEnd();
        Assert.True(ctr.WaitForExit(30_000), "ctr hangs");
        Assert.True(ctr.ExitCode == 0, $"ctr {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }

    public void Dispose()
    {
        foreach (string id in Ctr("containers", "ls", "-q").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Ctr("tasks", "ls", "-q").Split('\n').Contains(id))
            {
                Ctr("tasks", "delete", "-f", id);
            }

            Ctr("containers", "delete", id);
        }

        Process.Start("kill", ["-TERM", $"{_process.Id}"]).WaitForExit();
        if (!_process.WaitForExit(10_000))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _folder.Dispose();
        // The runtime removes a container's cgroup, but not the namespace's that it made above it; on v1 there is one a controller.
        foreach (string parent in Directory.GetDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup"))
        {
            string left = Path.Combine(parent, Namespace);
            if (Directory.Exists(left))
            {
                using Process rmdir = Process.Start("rmdir", [left]);
                rmdir.WaitForExit();
            }
        }
    }

    // An OCI archive with one layer: busybox as /bin/sleep.
    private string WriteImage()
    {
        string layout = Path.Combine(_folder.Path, "oci"), blobs = Path.Combine(layout, "blobs/sha256");
        Directory.CreateDirectory(blobs);
        (string Digest, int Size) Blob(byte[] bytes)
        {
            string digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
            File.WriteAllBytes(Path.Combine(blobs, digest), bytes);
            return ($"sha256:{digest}", bytes.Length);
        }

        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "bin/"));
            using FileStream busybox = File.OpenRead("/bin/busybox");
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "bin/sleep") { DataStream = busybox, Mode = (UnixFileMode)0x1ED });
        }

        (string layer, int layerSize) = Blob(tar.ToArray());
        (string config, int configSize) = Blob(Encoding.UTF8.GetBytes(
            $$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{layer}}"]} }"""));
        (string manifest, int manifestSize) = Blob(Encoding.UTF8.GetBytes($$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":{{configSize}} },
             "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":{{layerSize}} }]}
            """));
        _folder.Write("oci/index.json", $$"""
            {"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{manifest}}","size":{{manifestSize}},
             "annotations":{"io.containerd.image.name":"{{Image}}"} }]}
            """);
        _folder.Write("oci/oci-layout", """{"imageLayoutVersion":"1.0.0"}""");
        string archive = Path.Combine(_folder.Path, "image.tar");
        TarFile.CreateFromDirectory(layout, archive, includeBaseDirectory: false);
        return archive;
    }
}
