using System.CommandLine;
using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.AppArmor.Kernel;
using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Cli.Commands;

/// <summary><c>hardenctl apparmor render</c>: the profile text of a description.</summary>
internal static class AppArmorRenderCommand
{
    private static readonly Argument<string> s_file = new("FILE") { Description = "A description: a YAML document of kind AppArmorProfile; '-' is the standard input" };

    public static Command Create()
    {
        Command render = new ExampleCommand("render", "Write the AppArmor profile that a description describes to standard output. Exit codes: 0 written, 1 the description has errors, or apparmor_parser has something against the text, 2 it could not be read",
            "hardenctl apparmor render hardened-web.yaml", "hardenctl apparmor render hardened-web.yaml > /tmp/hardened-web")
        {
            s_file,
        };
        render.Run(Run);
        return render;
    }

    private static CliExit Run(ParseResult parsed)
    {
        TextWriter say = Printer.Say(parsed);
        LintReport report = new();
        AppArmorSource? source = AppArmorSource.Load(parsed.GetValue(s_file)!, report);
        Printer.Findings(say, report);
        if (source is null)
        {
            say.WriteLine($"Nothing was written: {PolicyCommands.Count(report.ErrorCount, "error")}.");
            return report.IsIncomplete ? CliExit.Failed : CliExit.Findings;
        }

        string? parser = AppArmorHost.Here.Parser;
        if (parser is not null && AppArmorParser.Check(parser, source.Profile.Text) is { } refusal)
        {
            say.WriteLine($"{source.Path}: apparmor_parser does not take the profile, so nothing was written: {refusal}");
            return CliExit.Findings;
        }

        say.WriteLine(parser is null ? $"{source.Profile.Name}: not checked by a compiler, because {AppArmorHost.NoParser}" : $"{source.Profile.Name}: checked by {parser}.");
        if (source.Weaker is { } what)
        {
            say.WriteLine($"It allows {what}, which the engines' default profiles deny: no policy can ask for it, only an engine.");
        }

        Write(parsed, source, parser is not null);
        return CliExit.Fine;
    }

    private static void Write(ParseResult parsed, AppArmorSource source, bool isChecked)
    {
        if (!CommonOptions.WantsJson(parsed))
        {
            Printer.Out(parsed).Write(source.Profile.Text);
            return;
        }

        Printer.Json(Printer.Out(parsed), json =>
        {
            json.WriteStartObject();
            json.WriteString("name", source.Profile.Name);
            json.WriteString("text", source.Profile.Text);
            json.WriteBoolean("checked", isChecked);
            json.WriteEndObject();
        });
    }
}
