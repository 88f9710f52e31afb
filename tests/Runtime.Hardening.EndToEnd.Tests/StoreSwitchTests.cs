using System.Collections.Concurrent;
using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Policies are applied and rolled back while containers are created: each is by one generation, whole, and none is refused.</summary>
public class StoreSwitchTests(TestImage image)
{
    private const int Creates = 400;

    // Each asks for three things that the other does not: a path, capabilities and a seccomp profile of its own.
    private const string Old = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: old }
        spec: { extends: [restricted], capabilities: { keep: [] }, paths: { mask: [/proc/old] }, require: { user: { nonRoot: true, otherwise: report } } }
        """;

    private const string New = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: new }
        spec: { extends: [baseline], noNewPrivileges: true, capabilities: { keep: [KILL] }, paths: { mask: [/proc/new] }, require: { user: { nonRoot: true, otherwise: report } } }
        """;

    [Fact]
    public async Task A_switch_beside_creates_mixes_no_generations_and_refuses_nothing()
    {
        using Installation node = new Installation().Apply(Old).With("runtime", "/bin/true").With("whenBroken", "refuse");
        using var bundle = new TestBundle(image);
        string before = Create(node, bundle, 100_000);
        node.Apply(New);
        string after = Create(node, bundle, 100_001);
        Assert.NotEqual(before, after);

        var results = new ConcurrentBag<string>();
        using var done = new CancellationTokenSource();
        Task<int> switching = Task.Run(() => SwitchAgainAndAgain(node, done.Token), CancellationToken.None);
        Parallel.For(0, Creates, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number => results.Add(Create(node, bundle, number)));
        await done.CancelAsync();
        int switches = await switching;

        Assert.DoesNotContain(results, result => result != before && result != after);
        Assert.Contains(before, results);
        Assert.Contains(after, results);
        Assert.True(switches > 10, $"only {switches} switches were made beside {Creates} creates");
        Assert.Empty(node.Refusals);
        Assert.Equal(Creates + 2, node.Decisions.Count);
        // And no generation had to stand in for another that could not be read.
        Assert.All(node.Decisions, static line => Assert.DoesNotContain("unusable", line.Message, StringComparison.Ordinal));
        Assert.All(node.Decisions, static line => Assert.Equal((JournalDecision.Allow, 1), (line.Decision, line.Policies.Length)));
    }

    private static string Create(Installation node, TestBundle bundle, int number)
    {
        string folder = Path.Combine(node.Folder, "bundles", $"{number}");
        Directory.CreateDirectory(folder);
        File.Copy(bundle.ConfigFile, Path.Combine(folder, "config.json"));
        node.Hook("--root", bundle.Root, "create", "--bundle", folder, $"c{number}").Succeeded();
        return File.ReadAllText(Path.Combine(folder, "config.json"));
    }

    // Rolled back, which switches to a generation that is there, and applied anew, which makes one and prunes old ones.
    private static int SwitchAgainAndAgain(Installation node, CancellationToken done)
    {
        int switches = 0;
        while (!done.IsCancellationRequested)
        {
            node.Hardenctl("policy", "rollback").Succeeded();
            node.Apply(switches % 4 == 0 ? Old : New);
            switches += 2;
        }

        return switches;
    }
}
