using System.CommandLine;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Cli;

/// <summary>The edge of every command: what a person must act on becomes one sentence on stderr and exit code 2.</summary>
internal static class CommandGuard
{
    public static void Run(this Command command, Func<ParseResult, CliExit> work)
        => command.SetAction(parsed => (int)Guard(parsed, work));

    private static CliExit Guard(ParseResult parsed, Func<ParseResult, CliExit> work)
    {
        try
        {
            return work(parsed);
        }
        catch (Exception e) when (e is CliException or StoreException or HardeningFormatException)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"hardenctl: {e.Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"hardenctl: {e.Message} Run this as root.");
        }
        catch (IOException e)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"hardenctl: {e.Message}");
        }

        return CliExit.Failed;
    }
}
