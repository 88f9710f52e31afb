using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Runtime.Hardening.Cli;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">What is typed.</param>
/// <param name="description">One sentence, and what the exit codes mean where that is not obvious.</param>
/// <param name="examples">Command lines as they would be typed.</param>
internal sealed class ExampleCommand(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>The root command, and help that shows examples.</summary>
internal static class RootHelp
{
    public static RootCommand CreateRoot()
    {
        RootCommand root = new("Writes, checks and applies the policies that harden containers on this node.\nExit codes: 0 fine, 1 findings, 2 could not do it.");
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new WithExamples((HelpAction)help.Action!);
        return root;
    }

    private sealed class WithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override bool Terminating => true;

        public override int Invoke(ParseResult parseResult)
        {
            int result = help.Invoke(parseResult);
            if (parseResult.CommandResult.Command is ExampleCommand { Examples.Count: > 0 } command)
            {
                TextWriter output = parseResult.InvocationConfiguration.Output;
                output.WriteLine("Examples:");
                foreach (string example in command.Examples)
                {
                    output.WriteLine($"  {example}");
                }

                output.WriteLine();
            }

            return result;
        }
    }
}
