using System.CommandLine;

namespace Runtime.Hardening.Cli;

/// <summary>Options that several nouns share.</summary>
internal static class CommonOptions
{
    public static readonly Option<string?> Config = new("--config")
    {
        Description = "Settings of the node (else $HARDENING_CONFIG, else /etc/hardening/hook.json)",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<string[]> Profiles = new("--profiles")
    {
        Description = "Folder with policies, seccomp and apparmor to look bases and profiles up in; may be repeated, the first wins",
        HelpName = "DIR",
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
    };

    public static readonly Option<string> Output = CreateOutput();

    public static bool WantsJson(ParseResult parsed) => parsed.GetValue(Output) == "json";

    private static Option<string> CreateOutput()
    {
        Option<string> output = new("--output", "-o") { Description = "table or json", DefaultValueFactory = _ => "table", Recursive = true };
        output.AcceptOnlyFromAmong("table", "json");
        return output;
    }
}
