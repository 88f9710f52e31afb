using Runtime.Hardening.Authoring.AppArmor.Kernel;

namespace Runtime.Hardening.Authoring.Tests.AppArmor;

/// <summary>
/// Files as the kernel shows them, for what is decided from them. What the real kernel does with the decisions is proven on an emulated machine (tests/vm,
/// area apparmor): here the parser is a script that notes what it was given and adds a line to the kernel's list.
/// </summary>
internal sealed class FakeKernel : IDisposable
{
    private readonly TestFolder _folder = new();

    public FakeKernel(bool isOn = true)
    {
        _folder.Write("enabled", isOn ? "Y\n" : "N\n");
        _folder.Write("security/profiles", "docker-default (enforce)\nhardened-other (enforce)\n");
        _folder.Write("security/.remove", "");
        Directory.CreateDirectory(_folder["proc"]);
        string parser = _folder.Write("parser", $"""
            #!/bin/sh
            text=$(cat)
            echo "$* $text" >> {_folder["given"]}
            case "$text" in *broken*) echo "syntax error in line 3" >&2; exit 1 ;; esac
            name=$(echo "$text" | sed -n 's/^profile \([^ ]*\) .*/\1/p')
            case "$*" in *--replace*) echo "$name (enforce)" >> {_folder["security/profiles"]} ;; esac

            """);
        File.SetUnixFileMode(parser, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Host = new AppArmorHost(_folder["enabled"], _folder["security"], _folder["proc"], parser);
        Loader = new AppArmorLoader(Host, LoadedPath);
    }

    public AppArmorHost Host { get; }

    public AppArmorLoader Loader { get; }

    public string LoadedPath => _folder["run/apparmor-loaded.json"];

    /// <summary>What the parser was given, empty when it was never called.</summary>
    public string Given => File.Exists(_folder["given"]) ? File.ReadAllText(_folder["given"]) : "";

    public string Removed => File.ReadAllText(_folder["security/.remove"]);

    public void Has(string name, string mode = "enforce", string? digest = null)
    {
        File.AppendAllText(_folder["security/profiles"], $"{name} ({mode})\n");
        if (digest is not null)
        {
            _folder.Write($"security/policy/profiles/{name}.1/name", name + "\n");
            _folder.Write($"security/policy/profiles/{name}.1/sha1", digest + "\n");
        }
    }

    /// <summary>A process with a thread; null leaves a label out, as a process does that has ended.</summary>
    public void Runs(int number, string? current, string exec = "")
    {
        Directory.CreateDirectory(_folder[$"proc/{number}/task/{number}/attr"]);
        if (current is not null)
        {
            _folder.Write($"proc/{number}/task/{number}/attr/current", current);
            _folder.Write($"proc/{number}/task/{number}/attr/exec", exec);
        }
    }

    public void Dispose() => _folder.Dispose();
}
