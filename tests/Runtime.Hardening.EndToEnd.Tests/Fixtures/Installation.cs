using System.Text.Json;
using Runtime.Hardening.Profiles.Journal;
using Runtime.Hardening.Profiles.Records;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>A whole second installation of the programs in one folder of its own, named by HARDENING_CONFIG.</summary>
public sealed class Installation : IDisposable
{
    private readonly Dictionary<string, object> _settings;

    public Installation()
    {
        Folder = Directory.CreateTempSubdirectory("hardening-test-").FullName;
        _settings = new()
        {
            ["runtime"] = RealRuntime,
            ["policyStore"] = Store,
            ["stateDirectory"] = Path.Combine(Folder, "records"),
            ["journal"] = Path.Combine(Folder, "journal"),
        };
        WriteSettings();
    }

    public static string RealRuntime { get; } = File.Exists("/usr/bin/runc") ? "/usr/bin/runc" : "/usr/sbin/runc";

    public string Folder { get; }

    public string Settings => Path.Combine(Folder, "hook.json");

    public string Store => Path.Combine(Folder, "store");

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["HARDENING_CONFIG"] = Settings };

    /// <summary>Changes one setting of hook.json.</summary>
    public Installation With(string setting, object value)
    {
        _settings[setting] = value;
        WriteSettings();
        return this;
    }

    /// <summary>Compiles and activates policies with the real hardenctl and the shipped profiles.</summary>
    public Installation Apply(params string[] policies)
    {
        string folder = Directory.CreateTempSubdirectory("hardening-test-policies-").FullName;
        try
        {
            for (int i = 0; i < policies.Length; i++)
            {
                File.WriteAllText(Path.Combine(folder, $"{i}.yaml"), policies[i]);
            }

            Hardenctl("policy", "apply", folder, "--profiles", Path.Combine(Published.Repository, "profiles")).Succeeded();
            return this;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public Outcome Hardenctl(params string[] arguments) => Command.Run(Published.Hardenctl, arguments, Environment);

    /// <summary>Runs the hook as an engine would.</summary>
    public Outcome Hook(params string[] arguments) => Command.Run(Published.Hook, arguments, Environment);

    /// <summary>The folder of the generation that is active.</summary>
    public string CurrentGeneration => new DirectoryInfo(Path.Combine(Store, "current")).ResolveLinkTarget(returnFinalTarget: true)!.FullName;

    public IReadOnlyList<JournalEntry> Decisions => ReadJournal(JournalSegment.Decisions);

    public IReadOnlyList<JournalEntry> Refusals => ReadJournal(JournalSegment.Refusals);

    public ContainerRecord ReadRecord(string root, string id)
        => ContainerRecord.Read(File.ReadAllBytes(Path.Combine(Folder, "records", RecordKey.FileName(root, id))));

    public void Dispose() => Remains.Remove(Folder);

    private List<JournalEntry> ReadJournal(string stream)
    {
        var entries = new List<JournalEntry>();
        string path = Path.Combine(Folder, "journal", JournalSegment.ActiveName(stream));
        if (!File.Exists(path))
        {
            return entries;
        }

        foreach (string line in File.ReadLines(path).Skip(1))
        {
            Assert.True(JournalEntry.TryParse(System.Text.Encoding.UTF8.GetBytes(line), out JournalEntry entry), $"{path}: not a journal line: {line}");
            entries.Add(entry);
        }

        return entries;
    }

    private void WriteSettings() => File.WriteAllText(Settings, JsonSerializer.Serialize(_settings));
}
