using System.CommandLine;
using System.Globalization;
using Runtime.Hardening.Authoring.Store;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl policy rollback</c>: puts an older generation in force.</summary>
internal static class PolicyRollbackCommand
{
    private static readonly Option<int?> s_to = new("--to")
    {
        Description = "Number of the generation, as 'hardenctl policy generations' lists them; default: the one before the current",
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                return number;
            }

            result.AddError($"--to '{result.Tokens[0].Value}': expected the number of a generation, like 6. 'hardenctl policy generations' lists them.");
            return null;
        },
    };

    public static Command Create()
    {
        Command rollback = new ExampleCommand("rollback", "Put an older generation in force again, after checking that it is whole. Without --to it changes places with the current one, so a second rollback goes forward again; --to goes further back",
            "hardenctl policy rollback", "hardenctl policy rollback --to 6")
        {
            s_to,
        };
        rollback.Run(Run);
        return rollback;
    }

    private static CliExit Run(ParseResult parsed)
    {
        GenerationFolder generation = NodeFiles.Load(parsed).StoreFor(Printer.Say(parsed)).Rollback(parsed.GetValue(s_to));
        Printer.Say(parsed).WriteLine($"In force: generation {generation.Name}.");
        if (CommonOptions.WantsJson(parsed))
        {
            Printer.Json(Printer.Out(parsed), json =>
            {
                json.WriteStartObject();
                json.WriteString("generation", generation.Name);
                json.WriteEndObject();
            });
        }
        else
        {
            Printer.Out(parsed).WriteLine(generation.Name);
        }

        return CliExit.Fine;
    }
}
