using System.CommandLine;
using System.CommandLine.Invocation;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Cli;

/// <summary>The edge of every command: what a person must act on becomes one sentence on stderr and exit code 2.</summary>
internal static class CommandGuard
{
    public static void Run(this Command command, Func<ParseResult, CliExit> work)
        => command.SetAction(parsed => (int)work(parsed));

    /// <summary>Does what the command line asks for, or says what is wrong with it.</summary>
    public static int Invoke(ParseResult parsed)
        => parsed.Action is ParseErrorAction ? RefuseUsage(parsed) : parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    /// <summary>Turns whatever stops the work into a sentence.</summary>
    public static int Guard(Func<int> work)
    {
        try
        {
            return work();
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"hardenctl: {Printer.Visible(MessageOf(e))}");
            return (int)CliExit.Failed;
        }
    }

    // A wrong command line is "could not do it", which the library would call 1; and its help would go to stdout, where the next program waits for a result.
    private static int RefuseUsage(ParseResult parsed)
    {
        foreach (string message in parsed.Errors.Select(static e => e.Message).Distinct())
        {
            Console.Error.WriteLine(Printer.Visible(message));
        }

        parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = Console.Error, Error = TextWriter.Null });
        return (int)CliExit.Failed;
    }

    private static string MessageOf(Exception e) => e switch
    {
        CliException or StoreException or HardeningFormatException or IOException => e.Message,
        UnauthorizedAccessException => $"{e.Message} Run this as root.",
        _ => $"a mistake in hardenctl stopped this ({e.GetType().Name}: {e.Message}); please report it.",
    };
}
