using System.CommandLine;
using System.Diagnostics;
using Runtime.Hardening.Cli.Commands;
using Runtime.Hardening.Cli.Engines;

namespace Runtime.Hardening.Cli.Tests.Engines;

/// <summary>A folder that stands for a node, with containerd's file and a hook in it; hardenctl runs against it with the machine's real containerd.</summary>
internal sealed class Node : IDisposable
{
    public const string NoContainerd = "containerd is not installed here (apt-get install containerd runc); these tests ask the real one.";

    public Node(string? config)
    {
        Directory.CreateDirectory(Path.Combine(Root, "etc/containerd"));
        Directory.CreateDirectory(Path.Combine(Root, "usr/bin"));
        File.WriteAllText(Path.Combine(Root, "usr/bin/hardening-hook"), "#!/bin/sh\nexec runc \"$@\"\n");
        if (config is not null)
        {
            File.WriteAllText(Config, config);
        }
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("hardening-node-").FullName;

    public string Config => Path.Combine(Root, "etc/containerd/config.toml");

    public static bool HasContainerd => Programs.Find("containerd") is not null && Programs.Find("runc") is not null;

    public static string Fixture(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Engines/Fixtures", name));

    public ContainerdSettings Effective => ContainerdProgram.Find("containerd").Effective(Config);

    public (int ExitCode, string Output, string Error) Hardenctl(params string[] arguments)
    {
        RootCommand root = new("test");
        EngineCommands.Add(root);
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = root.Parse([.. arguments, "--root", Root]).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (exitCode, output.ToString(), error.ToString());
    }

    public (int ExitCode, string Output, string Error) Configure(params string[] more) => Hardenctl(["engine", "configure", "containerd", .. more]);

    public (int ExitCode, string Output, string Error) Restore(params string[] more) => Hardenctl(["engine", "restore", "containerd", .. more]);

    /// <summary>Every file of the node with its mode and content's digest, and every folder.</summary>
    public string Tree() => Tree(Root);

    public static string Tree(string root) => string.Join('\n', Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(e => $"{e[root.Length..]} {File.GetUnixFileMode(e)} {(Directory.Exists(e) ? "folder" : ConfigFile.Digest(File.ReadAllBytes(e)))}"));

    public static void Stop(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
