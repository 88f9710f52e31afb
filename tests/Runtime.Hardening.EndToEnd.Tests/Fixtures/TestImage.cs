namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The demo's image (busybox and the attack probe), built once a run, as an archive and as an unpacked root file system.</summary>
public sealed class TestImage : IDisposable
{
    public const string Name = "hardening.invalid/probe:1";

    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-test-image-").FullName;

    public TestImage()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("These tests start containers and need root. Run: sudo tests/run.sh");
        }

        Archive = Path.Combine(_folder, "image.tar");
        RootFilesystem = Path.Combine(_folder, "rootfs");
        Command.Run(Path.Combine(Published.Repository, "packaging/demo/image.sh"), [Archive]).Succeeded();
        string layout = Directory.CreateDirectory(Path.Combine(_folder, "oci")).FullName;
        Command.Run("tar", ["-C", layout, "-xf", Archive]).Succeeded();
        Directory.CreateDirectory(RootFilesystem);
        string layer = new DirectoryInfo(Path.Combine(layout, "blobs/sha256")).GetFiles().MaxBy(file => file.Length)!.FullName;
        Command.Run("tar", ["-C", RootFilesystem, "-xpf", layer]).Succeeded();
    }

    public string Archive { get; }

    public string RootFilesystem { get; }

    public void Dispose() => Remains.Remove(_folder);
}
