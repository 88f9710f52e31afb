using Runtime.Hardening.Cli.Engines;
using Runtime.Hardening.Cli.Inspection;

namespace Runtime.Hardening.Cli.Tests;

/// <summary>Our hook files and the engines' environments, in folders that stand for a node's.</summary>
public sealed class InspectionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hardening-inspection-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void TheShippedHookFilesAreReportedWithTheirStage()
    {
        Program();
        Install("hooks/50-hardening-gate.json", "usr/share/containers/oci/hooks.d");
        Install("hooks/podman/50-hardening-precreate.json", "etc/hardening/podman-hooks.d");
        Assert.Equal(
            [("/usr/share/containers/oci/hooks.d/50-hardening-gate.json", "createRuntime: /usr/bin/hardening-hook", null), ("/etc/hardening/podman-hooks.d/50-hardening-precreate.json", "precreate: /usr/bin/hardening-hook", null)],
            HookFiles.Find(new NodePaths(_root)).Select(f => (f.Path, f.Value, f.Problem)));
    }

    [Fact]
    public void AHookFileWhoseProgramIsMissingIsAProblem()
    {
        Install("hooks/50-hardening-gate.json", "etc/containers/oci/hooks.d");
        HookFile file = Assert.Single(HookFiles.Find(new NodePaths(_root)));
        Assert.Contains("/usr/bin/hardening-hook' is not there", file.Problem, StringComparison.Ordinal);
        Assert.Contains("starts containers without it", file.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"hook":{"path":7},"stages":[]}""")]
    public void AHookFileThatNoEngineCouldReadIsAProblem(string text)
    {
        Program();
        File.WriteAllText(Path.Combine(Folder("etc/containers/oci/hooks.d"), "50-hardening-gate.json"), text);
        Assert.Contains("is no hook file", Assert.Single(HookFiles.Find(new NodePaths(_root))).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileOfSomebodyElseIsNotOurs()
    {
        File.WriteAllText(Path.Combine(Folder("etc/containers/oci/hooks.d"), "60-theirs.json"), "{");
        Assert.Empty(HookFiles.Find(new NodePaths(_root)));
    }

    [Theory]
    [InlineData("containerd", "PATH=/bin\0DOTNET_GCHeapHardLimit=1000\0HOME=/\0", "DOTNET_GCHeapHardLimit=1000")]
    [InlineData("dockerd", "DOTNET_GCHeapHardLimitPercent=A\0DOTNET_DbgEnableMiniDump=1\0", "DOTNET_GCHeapHardLimitPercent=A DOTNET_DbgEnableMiniDump=1")]
    [InlineData("containerd", "DOTNET_DbgEnableMiniDump=0\0DOTNET_ROOT=/x\0", null)]
    [InlineData("bash", "DOTNET_GCHeapHardLimit=1000\0", null)]
    public void VariablesThatKeepTheHookFromBeginningAreNamedWithTheirEngine(string name, string environment, string? expected)
    {
        string process = Folder("proc/4711");
        File.WriteAllText(Path.Combine(process, "comm"), name + "\n");
        File.WriteAllText(Path.Combine(process, "environ"), environment);
        Folder("proc/4712");   // one that ended in this moment
        (string Process, string Variables)[] found = [.. EngineEnvironment.Find(Path.Combine(_root, "proc"))];
        Assert.Equal(expected is null ? [] : [($"{name} (process 4711)", expected)], found);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    // Trusted as on a node: the test's folder is root's, and /tmp above it is sticky.
    private void Program()
    {
        string path = Path.Combine(Folder("usr/bin"), "hardening-hook");
        File.WriteAllText(path, "#!/bin/sh\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }

    private void Install(string shipped, string folder)
        => File.Copy(Path.Combine(Hardenctl.FindRoot(), "packaging", shipped), Path.Combine(Folder(folder), Path.GetFileName(shipped)));
}
