using System.CommandLine;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Settings;

namespace Runtime.Hardening.Cli;

/// <summary>Where things are on this node: the settings in force and the folders that follow from them.</summary>
internal sealed class NodeFiles
{
    private readonly bool _isNamed;

    private NodeFiles(string settingsPath, bool isNamed, bool exists, NodeSettings settings)
    {
        SettingsPath = settingsPath;
        _isNamed = isNamed;
        SettingsExist = exists;
        Settings = settings;
    }

    public string SettingsPath { get; }

    public bool SettingsExist { get; }

    public NodeSettings Settings { get; }

    /// <summary>Whether the settings were named: then everything of this installation lies in a folder of its own.</summary>
    public bool IsNamed => _isNamed;

    public PolicyStore Store => new(Settings.PolicyStore, Settings.StateDirectory, TimeProvider.System);

    /// <summary>The store for whoever puts a generation in force: first the kernel gets the AppArmor profiles that it names.</summary>
    public PolicyStore StoreFor(TextWriter say)
        => new(Settings.PolicyStore, Settings.StateDirectory, TimeProvider.System) { Prepare = new AppArmorPreparation(this, AppArmorHost.Here, say).Prepare };

    /// <summary>What loads AppArmor profiles here.</summary>
    public static AppArmorLoader AppArmorLoader(AppArmorHost host) => new(host, LoadedDigests.HostPath);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="CliException">They cannot be read, or the file that was named is not there.</exception>
    public static NodeFiles Load(ParseResult parsed)
    {
        string? named = parsed.GetValue(CommonOptions.Config) ?? Environment.GetEnvironmentVariable(NodeSettings.Variable);
        bool isNamed = !string.IsNullOrEmpty(named);
        string path = isNamed ? Path.GetFullPath(named!) : NodeSettings.DefaultPath;
        try
        {
            return new NodeFiles(path, isNamed, true, NodeSettings.Parse(RegularFile.ReadAllBytes(path), path));
        }
        catch (Exception e) when (!isNamed && (e is FileNotFoundException or DirectoryNotFoundException))
        {
            // No file means the defaults, as it does for the hook. One that was named must be there.
            return new NodeFiles(path, false, false, new NodeSettings());
        }
        catch (HardeningFormatException e)
        {
            throw new CliException(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"The settings '{path}' cannot be read: {e.Message} Check --config or {NodeSettings.Variable}.");
        }
    }

    /// <summary>The word of hook.json for what happens without a usable generation.</summary>
    public string WhenBroken => Settings.WhenBroken is Runtime.Hardening.Profiles.Settings.WhenBroken.PassThrough ? "passThrough" : Settings.WhenBroken.ToString().ToLowerInvariant();

    /// <summary>The folder of this node's own policies.</summary>
    public string Policies => Path.Combine(Path.GetDirectoryName(SettingsPath)!, "policies");

    /// <summary>Where bases and profiles are looked up.</summary>
    public ProfileFolders Profiles(ParseResult parsed)
    {
        if (parsed.GetValue(CommonOptions.Profiles) is { Length: > 0 } given)
        {
            foreach (string folder in given.Where(f => !Directory.Exists(f)))
            {
                throw new CliException($"The folder '{folder}' of --profiles is not there.");
            }

            return new ProfileFolders(given);
        }

        string program = Path.GetDirectoryName(Environment.ProcessPath) ?? "/";
        List<string> folders =
        [
            "/etc/hardening/profiles",
            "/usr/share/hardening/profiles",
            Path.Combine(program, "share/hardening/profiles"),
            Path.GetFullPath(Path.Combine(program, "../share/hardening/profiles")),
        ];
        if (_isNamed)
        {
            folders.Insert(0, Path.Combine(Path.GetDirectoryName(SettingsPath)!, "profiles"));
        }

        return new ProfileFolders([.. folders.Distinct().Where(Directory.Exists)]);
    }
}
