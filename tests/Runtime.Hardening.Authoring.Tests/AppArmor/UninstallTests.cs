using System.Diagnostics;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>packaging/node/uninstall.sh takes no profile from the kernel that a thread is under, for the thread would be unconfined.</summary>
public sealed class UninstallTests : IDisposable
{
    private const string Name = "hardened-web-00000001";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("7/task/7/attr/current", Name + " (enforce)\n", true)]
    [InlineData("7/task/8/attr/current", Name + "//child (enforce)\n", true)]
    [InlineData("7/task/8/attr/exec", "a//&" + Name + " (enforce)\n\0", true)]
    [InlineData("7/task/8/attr/apparmor/current", Name + " (enforce)\n", true)]
    [InlineData("7/task/8/attr/apparmor/exec", Name + " (enforce)\n", true)]
    [InlineData("7/task/8/attr/current", "hardened-web-00000002 (enforce)\n", false)]
    public void AProfileIsInUseByTheLabelOfAnyThread(string file, string label, bool expected)
    {
        _folder.Write("proc/7/task/7/attr/current", "unconfined\n");
        _folder.Write($"proc/{file}", label);
        Assert.Equal(expected, IsInUse());
    }

    [Fact]
    public void ALabelThatCannotBeReadCountsAndOneThatIsNotThereDoesNot()
    {
        Assert.False(IsInUse());
        Directory.CreateDirectory(_folder["proc/7/task/8/attr"]);
        Assert.False(IsInUse());
        Directory.CreateDirectory(_folder["proc/7/task/8/attr/current"]);   // reading it fails, for root too
        Assert.True(IsInUse());
    }

    [Fact]
    public void MoreThreadsThanACommandLineHoldsAreLookedAt()
    {
        // A command line holds a quarter of the stack, 256 KB below; these names are 300 KB and more.
        string many = new('x', 100), folder = _folder[$"{many}/proc"];
        for (int thread = 1; thread < 3000; thread++)
        {
            _folder.Write($"{many}/proc/7/task/{thread}/attr/current", "unconfined\n");
        }

        Assert.False(IsInUse(folder));
        _folder.Write($"{many}/proc/7/task/3000/attr/current", Name);
        Assert.True(IsInUse(folder));
    }

    private bool IsInUse(string? folder = null)
    {
        string script = Path.Combine(Repository.Root, "packaging/node/uninstall.sh");
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", "set -euo pipefail; ulimit -s 1024; . \"$0\"; if is_in_use \"$@\"; then echo used; else echo free; fi", script, Name, folder ?? _folder["proc"]])
        {
            RedirectStandardOutput = true,
        })!;
        string said = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
        return said switch { "used\n" => true, "free\n" => false, _ => throw new InvalidOperationException($"it said '{said}'") };
    }
}
