using System.CommandLine;
using System.CommandLine.Parsing;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Cli;

/// <summary>A misspelled option is said to be one: the parser would hand it to an argument that takes any text, and 'no such file' would hide the mistake.</summary>
internal static class StrayOptions
{
    /// <summary>Checks the arguments of a command and of every one below it.</summary>
    public static void Refuse(Command command, params Option[] inherited)
    {
        Option[] known = [.. inherited.Where(o => o.Recursive), .. command.Options];
        foreach (Argument argument in command.Arguments)
        {
            argument.Validators.Add(result =>
            {
                // An argument that two commands share is checked for both of them.
                foreach (string text in (result.Parent is CommandResult { Command: var asked } && asked != command ? [] : result.Tokens).Select(t => t.Value).Where(t => t.Length > 1 && t[0] == '-'))
                {
                    string[] names = [.. known.SelectMany(o => o.Aliases.Append(o.Name))];
                    result.AddError($"'{text}' is not an option of '{command.Name}'.{DidYouMean.Sentence(text, names)} A file of that name is './{text}'.");
                }
            });
        }

        foreach (Command below in command.Subcommands)
        {
            Refuse(below, known);
        }
    }
}
