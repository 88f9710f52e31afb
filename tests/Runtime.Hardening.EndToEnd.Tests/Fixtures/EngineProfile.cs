using System.Text.Json.Nodes;

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The profile that an engine gave a container, held against what hardenctl says of it.</summary>
public sealed class EngineProfile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hardening-test-profile-").FullName;
    private readonly string _spec;

    /// <param name="spec">The container's config.json, as the engine wrote it.</param>
    public EngineProfile(string spec)
    {
        _spec = spec;
        JsonNode? seccomp = JsonNode.Parse(System.IO.File.ReadAllBytes(spec))!["linux"]!["seccomp"];
        Assert.True(seccomp is not null, $"{spec} has no linux.seccomp: the engine gave its container no profile");
        System.IO.File.WriteAllText(File, seccomp.ToJsonString());
    }

    /// <summary>Docker's format as it is installed: Debian's golang-github-containers-common has it for Podman, and nothing of it is kept here.</summary>
    public static string Installed
    {
        get
        {
            const string Path = "/usr/share/containers/seccomp.json";
            Assert.True(System.IO.File.Exists(Path), $"{Path} not found: apt-get install golang-github-containers-common");
            return Path;
        }
    }

    /// <summary>A profile that we ship in Docker's format.</summary>
    public static string Shipped(string name) => System.IO.Path.Combine(Published.Repository, "profiles/seccomp", $"{name}.json");

    /// <summary>The engine's profile, alone.</summary>
    public string File => System.IO.Path.Combine(_folder, "engine.json");

    /// <summary>What hardenctl settles a profile in Docker's format to, for this container.</summary>
    public string Settled(string profile) => Settled(profile, "--spec", _spec);

    /// <summary>The same for a container that is described otherwise.</summary>
    public string Settled(string profile, params string[] container)
        => Keep(Hardenctl(["resolve", profile, .. container]));

    /// <summary>The engine's met with another one, as the hook does it.</summary>
    public string Met(string profile) => Keep(Hardenctl("meet", File, profile));

    /// <summary>How a profile compares with the engine's: the first line of the answer, and the exit code.</summary>
    public (int ExitCode, string Answer) Compare(string profile, params string[] options)
    {
        Outcome outcome = Hardenctl(["compare", profile, File, .. options]);
        return (outcome.ExitCode, outcome.Text.Split('\n')[0].Replace(profile, "it", StringComparison.Ordinal).Replace(File, "the engine's", StringComparison.Ordinal) + outcome.ErrorText);
    }

    /// <summary>
    /// What a profile says, call by call in its order and however it is grouped: the words of the file, so that no model of ours is in between. What an engine says twice
    /// word for word, as Podman does of sockets, resolve writes once.
    /// </summary>
    public static string[] Words(string file)
    {
        JsonNode profile = JsonNode.Parse(System.IO.File.ReadAllBytes(file))!;
        return
        [
            $"{profile["defaultAction"]}", .. profile["architectures"]!.AsArray().Select(static name => $"{name}"),
            .. profile["syscalls"]!.AsArray().SelectMany(static rule => rule!["names"]!.AsArray().Select(name => $"{name} {rule["action"]} {rule["errnoRet"]} {Conditions(rule["args"])}".TrimEnd())).Distinct(),
        ];
    }

    /// <summary>The errno of the default; null where the engine did not pass it on, as Docker 20.10 does not.</summary>
    public static int? DefaultErrno(string file) => (int?)JsonNode.Parse(System.IO.File.ReadAllBytes(file))!["defaultErrnoRet"];

    private static string Conditions(JsonNode? list)
        => string.Join(" and ", (list?.AsArray() ?? []).Select(static condition => $"{condition!["index"]} {condition["op"]} {condition["value"]} {condition["valueTwo"] ?? 0}"));

    /// <summary>Runs a verb of <c>hardenctl seccomp</c>.</summary>
    public static Outcome Hardenctl(params string[] arguments) => Command.Run(Published.Hardenctl, ["seccomp", .. arguments]);

    private string Keep(Outcome made)
    {
        string file = System.IO.Path.Combine(_folder, $"made-{Directory.GetFiles(_folder).Length}.json");
        System.IO.File.WriteAllBytes(file, made.Succeeded().Output);
        return file;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
