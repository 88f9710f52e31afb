using System.CommandLine;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl completion</c>: prints what a shell needs to complete commands. The words themselves come from the program, so they are never out of date.</summary>
internal static class CompletionCommand
{
    // The [suggest:POSITION] directive of the command-line library answers with one word a line.
    private const string Bash = """
        _hardenctl() {
            local line="${COMP_LINE:0:COMP_POINT}" words
            words="$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" || return
            mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
        }
        complete -o default -F _hardenctl hardenctl
        """;

    private const string Zsh = """
        #compdef hardenctl
        _hardenctl() {
            local line="$LBUFFER"
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            if [[ -n "${found[1]}" ]]; then compadd -a found; fi
            _files
        }
        compdef _hardenctl hardenctl
        """;

    private const string Fish = """
        function __hardenctl_complete
            set -l line (commandline -cp)
            hardenctl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
        end
        complete -c hardenctl -a '(__hardenctl_complete)'
        """;

    private static readonly Argument<string> s_shell = CreateShell();

    public static void Add(RootCommand root)
    {
        Command completion = new ExampleCommand("completion", "Print a completion script for a shell",
            "hardenctl completion bash > /etc/bash_completion.d/hardenctl", "hardenctl completion fish > ~/.config/fish/completions/hardenctl.fish")
        {
            s_shell,
        };
        completion.Run(Run);
        root.Subcommands.Add(completion);
    }

    private static CliExit Run(ParseResult parsed)
    {
        Printer.Out(parsed).WriteLine(parsed.GetValue(s_shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
        return CliExit.Fine;
    }

    private static Argument<string> CreateShell()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return shell;
    }
}
