using System.Globalization;
using System.Text.RegularExpressions;

namespace Runtime.Hardening.Cli.Tests;

/// <summary>The examples of the help, with the shipped profiles under the names that the examples use.</summary>
public sealed partial class SeccompExampleTests : IDisposable
{
    // What needs a cluster, a registry, a running container, or strace.
    private static readonly string[] s_elsewhere = ["kubectl", "skopeo", "/run/containerd", "strace -f"];

    private readonly Hardenctl _ctl = new();

    public void Dispose() => _ctl.Dispose();

    [Fact]
    public void EveryExampleOfTheHelpRunsWithTheShippedProfiles()
    {
        string shipped = Path.Combine(Hardenctl.FindRoot(), "profiles/seccomp");
        foreach ((string name, string source) in ((string, string)[])[("web", "web"), ("restricted", "restricted"), ("runtime-default", "runtime-default"), ("docker", "runtime-default"),
            ("new", "web"), ("old", "restricted"), ("a", "web"), ("b", "web"), ("recorded-monday", "node"), ("recorded-friday", "web")])
        {
            File.Copy(Path.Combine(shipped, source + ".json"), _ctl[name + ".json"]);
        }

        File.WriteAllText(_ctl["monday.jsonl"], "{\"recording\":1}\n{\"name\":\"read\"}\n");
        File.WriteAllText(_ctl["profile.yaml"], _ctl.Run("seccomp", "convert", _ctl["web.json"], "--to", "kubernetes", "--name", "web").Out);
        string digest = _ctl.Run("seccomp", "push", _ctl["web.json"], _ctl["profiles.oci"], "--tag", "web-1").Out.Trim();
        List<string> ran = [], left = [];
        foreach (Match verb in Verb().Matches(_ctl.Run("seccomp", "--help").Out.Split("Commands:")[1]))
        {
            string help = _ctl.Run("seccomp", verb.Groups[1].Value, "--help").Out;
            string[] examples = [.. help.Split("Examples:")[1].Split('\n').Select(static l => l.Trim()).Where(static l => l.Contains("hardenctl ", StringComparison.Ordinal))];
            Assert.NotEmpty(examples);
            foreach (string example in examples)
            {
                if (Array.Exists(s_elsewhere, word => example.Contains(word, StringComparison.Ordinal)))
                {
                    left.Add(example);
                    continue;
                }

                // An answer may be "there are findings"; none may be "that cannot be done", at any place of a pipe.
                string output = _ctl.Shell($"{example.Replace("sha256:...", digest, StringComparison.Ordinal)}; echo \"exits ${{PIPESTATUS[*]}}\"");
                string exits = output.TrimEnd().Split('\n')[^1];
                Assert.True(Exits().IsMatch(exits), string.Create(CultureInfo.InvariantCulture, $"{example}\n{output}"));
                ran.Add(example);
            }
        }

        Assert.True(ran.Count >= 20, $"only {ran.Count} examples ran: {string.Join("; ", ran)}");
        Assert.Equal(s_elsewhere.Length, left.Count);
    }

    [GeneratedRegex(@"^  ([a-z]+) ", RegexOptions.Multiline)]
    private static partial Regex Verb();

    [GeneratedRegex("^exits [01]( [01])*\\z")]
    private static partial Regex Exits();
}
