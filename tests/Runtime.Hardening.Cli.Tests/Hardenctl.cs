using System.Diagnostics;

namespace Runtime.Hardening.Cli.Tests;

/// <summary>Runs the real program in a whole installation of its own: settings, store and policies in one folder.</summary>
public sealed class Hardenctl : IDisposable
{
    public Hardenctl()
    {
        Directory.CreateDirectory(this["policies"]);
        File.WriteAllText(this["hook.json"], $$"""{"policyStore":"{{this["store"]}}","stateDirectory":"{{this["state"]}}","journal":"{{this["journal"]}}"}""");
        Directory.CreateSymbolicLink(this["profiles"], Path.Combine(FindRoot(), "profiles"));
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "hardening-cli-" + Guid.NewGuid().ToString("N"));

    public string this[string name] => Path.Combine(Folder, name);

    public string WritePolicy(string name, string spec)
    {
        File.WriteAllText(this[$"policies/{name}.yaml"], $"apiVersion: hardening/v1\nkind: Policy\nmetadata: {{name: {name}}}\nspec:\n{spec}\n");
        return this[$"policies/{name}.yaml"];
    }

    public string WriteSpec(ulong uid)
    {
        File.WriteAllText(this["config.json"], $$$"""
            {"ociVersion":"1.0.2","process":{"user":{"uid":{{{uid}}},"gid":0},"args":["x"],"cwd":"/","capabilities":{"bounding":["CAP_KILL"]}},"hostname":"a\tb",
             "root":{"path":"rootfs"},"linux":{"maskedPaths":["/proc/kcore"],"namespaces":[{"type":"pid"},{"type":"network"},{"type":"ipc"}]}}
            """);
        return this["config.json"];
    }

    public (int Exit, string Out, string Err) Run(params string[] arguments) => RunWith("", arguments);

    /// <summary>With a text on its standard input.</summary>
    public (int Exit, string Out, string Err) RunWith(string input, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "hardenctl"), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["HARDENING_CONFIG"] = this["hook.json"];
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task feeding = Task.Run(() =>
        {
            try
            {
                process.StandardInput.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It did not want to read all of it.
            }
        });
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        feeding.Wait();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>Runs a command line as a person would, in the installation's folder; both outputs come in one, as on a terminal.</summary>
    public string Shell(string command)
    {
        ProcessStartInfo start = new("/bin/bash", ["-c", $"exec 2>&1; {command}"]) { RedirectStandardOutput = true, WorkingDirectory = Folder };
        start.Environment["HARDENING_CONFIG"] = this["hook.json"];
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:{Environment.GetEnvironmentVariable("PATH")}";
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Runtime.Hardening.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests run from a checkout: Runtime.Hardening.sln was not found.");
    }
}
