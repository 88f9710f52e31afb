using System.CommandLine;
using System.CommandLine.Parsing;

namespace Runtime.Hardening.Cli;

/// <summary>No argument and no option takes an empty text. It is what a script gives whose variable is not set, and no file, name or folder is called that.</summary>
internal static class EmptyValues
{
    /// <summary>Checks a command and every one below it.</summary>
    public static void Refuse(Command command) => Refuse(command, []);

    // Several commands share a symbol, and one check of it is enough.
    private static void Refuse(Command command, HashSet<Symbol> done)
    {
        foreach (Argument argument in command.Arguments.Where(a => done.Add(a)))
        {
            argument.Validators.Add(result => Check(result, argument.Name));
        }

        foreach (Option option in command.Options.Where(o => done.Add(o)))
        {
            option.Validators.Add(result => Check(result, option.Name));
        }

        foreach (Command below in command.Subcommands)
        {
            Refuse(below, done);
        }
    }

    private static void Check(SymbolResult result, string name)
    {
        if (result.Tokens.Any(static t => t.Value.Length == 0))
        {
            result.AddError($"An empty text was given for {name}, expected a value. Is a variable not set?");
        }
    }
}
