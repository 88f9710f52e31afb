namespace Runtime.Hardening.Cli.Tests;

public sealed partial class ReadmeTests
{
    /// <summary>The chapter on a kernel without AppArmor. With it tests/vm runs the same lines and looks at the container (apparmor-versions).</summary>
    [Fact]
    public void TheAppArmorSessionDoesWhatItSaysAlsoWhereTheKernelHasNone()
    {
        Assert.SkipWhen(File.Exists("/sys/module/apparmor/parameters/enabled") && File.ReadAllText("/sys/module/apparmor/parameters/enabled").StartsWith('Y'),
            "this kernel has AppArmor, and a test loads nothing into it; tests/vm runs this session in a kernel of its own (apparmor-versions)");
        Assert.SkipUnless(Environment.UserName == "root", "the store belongs to root");
        File.Delete(_ctl["profiles"]);
        foreach (string kind in (string[])["policies", "seccomp", "apparmor"])
        {
            Directory.CreateDirectory(_ctl[$"profiles/{kind}"]);
            foreach (string file in Directory.GetFiles(Path.Combine(s_root, "profiles", kind)))
            {
                File.Copy(file, _ctl[$"profiles/{kind}/{Path.GetFileName(file)}"]);
            }
        }

        _ctl.WritePolicy("first", "  noNewPrivileges: true");
        Assert.Equal(0, _ctl.Run("policy", "apply", _ctl["policies"]).Exit);   // so that there is a generation to roll back to
        File.WriteAllText(_ctl["profiles/apparmor/hardened-reports.yaml"], Block("yaml", "kind: AppArmorProfile"));
        File.WriteAllText(_ctl["policies/web.yaml"], Block("yaml", "name: web"));   // from the chapter before: both can be in force
        File.WriteAllText(_ctl["policies/reports.yaml"], Block("yaml", "profile: hardened-reports"));
        (string Command, int Exit, string Says)[] expected =
        [
            ("apparmor render", 0, "profile hardened-reports-"),
            ("apparmor load", 2, "This host's kernel has AppArmor switched off"),
            ("apparmor load", 2, "This host's kernel has AppArmor switched off"),
            ("policy apply", 0, "containers of the policies that ask for one: reports: refused, web: started without it"),
            ("apparmor status", 1, "This host's kernel has AppArmor switched off"),
            ("policy rollback", 0, ""),
        ];
        string[] commands = [.. CommandLine().Matches(Block("sh", "hardenctl apparmor render")).Select(static match => match.Groups[1].Value.Trim())];
        Assert.Equal(expected.Select(static step => step.Command), commands.Select(static command => string.Join(' ', command.Split(' ')[..2])));
        foreach ((string command, (_, int exit, string says)) in commands.Zip(expected))
        {
            string[] words = command.Replace("/etc/hardening/policies", _ctl["policies"], StringComparison.Ordinal).Replace("/etc/hardening/profiles", _ctl["profiles"], StringComparison.Ordinal).Split(' ');
            (int code, string output, string error) = _ctl.Run(words);
            Assert.True(code == exit && (output + error).Contains(says, StringComparison.Ordinal), $"'hardenctl {command}' ended with {code}: {output}{error}");
        }
    }
}
