using Runtime.Hardening.EndToEnd.Tests.Fixtures;
using Runtime.Hardening.Profiles.Journal;

namespace Runtime.Hardening.EndToEnd.Tests;

/// <summary>Many hooks write one journal.</summary>
public class JournalUnderLoadTests(TestImage image)
{
    private const int Creates = 500, AtOnce = 32;

    [Fact]
    public void Five_hundred_creates_at_once_lose_no_line()
    {
        using Installation node = new Installation().Apply(Policies.Everything).With("runtime", "/bin/true");
        using var bundle = new TestBundle(image);
        Parallel.For(0, Creates, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, number =>
        {
            string folder = Path.Combine(node.Folder, "bundles", $"{number}");
            Directory.CreateDirectory(folder);
            File.Copy(bundle.ConfigFile, Path.Combine(folder, "config.json"));
            node.Hook("--root", bundle.Root, "create", "--bundle", folder, $"c{number}").Succeeded();
        });

        JournalFile stream = JournalFile.Read(Path.Combine(node.Folder, "journal"), JournalSegment.Decisions, Creates);
        Assert.Equal(Creates, stream.Ids.Count);
        Assert.Equal(Creates, stream.Ids.Values.Distinct().Count());
        Assert.Equal((0, 0), (stream.CutShort, stream.Unwritten));
    }
}
