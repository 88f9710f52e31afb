using System.CommandLine;
using System.Globalization;
using Runtime.Hardening.Authoring.Store;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl policy generations</c>: what was in force when.</summary>
internal static class PolicyGenerationsCommand
{
    public static Command Create()
    {
        Command generations = new ExampleCommand("generations", "List the generations in the store. Exit codes: 0 all are whole, 1 one is damaged",
            "hardenctl policy generations", "hardenctl policy generations -o json");
        generations.Run(Run);
        return generations;
    }

    private static CliExit Run(ParseResult parsed)
    {
        PolicyStore store = NodeFiles.Load(parsed).Store;
        string? current = store.CurrentGeneration()?.Name;
        string? previous = store.PreviousGeneration()?.Name;
        Row[] rows = [.. store.Generations().Select(g => Describe(g, current, previous))];
        if (CommonOptions.WantsJson(parsed))
        {
            WriteJson(parsed, rows);
        }
        else if (rows.Length == 0)
        {
            Printer.Say(parsed).WriteLine($"There is no generation in {store.Path}: nothing was ever applied.");
        }
        else
        {
            Printer.Table(Printer.Out(parsed), ["generation", "created", "policies", "state"],
                rows.Select(r => new[] { r.Name, r.Created, string.Join(' ', r.Policies), r.Problem ?? r.State }));
        }

        return rows.Any(r => r.Problem is not null) ? CliExit.Findings : CliExit.Fine;
    }

    private static void WriteJson(ParseResult parsed, Row[] rows) => Printer.Json(Printer.Out(parsed), json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("generations");
        foreach (Row row in rows)
        {
            json.WriteStartObject();
            json.WriteString("generation", row.Name);
            json.WriteString("created", row.Created);
            json.WriteString("state", row.State);
            Printer.Strings(json, "policies", row.Policies);
            if (row.Problem is not null)
            {
                json.WriteString("problem", row.Problem);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static Row Describe(GenerationFolder generation, string? current, string? previous)
    {
        string state = generation.Name == current ? "current" : generation.Name == previous ? "previous" : "";
        try
        {
            PolicyIndex index = generation.Read();
            return new Row(generation.Name, index.Created.ToString("u", CultureInfo.InvariantCulture), [.. index.Policies.Select(p => p.Name)], state, null);
        }
        catch (HardeningFormatException e)
        {
            return new Row(generation.Name, "", [], state, e.Message);
        }
    }

    private sealed record Row(string Name, string Created, string[] Policies, string State, string? Problem);
}
