using System.Globalization;
using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Tests;

/// <summary>packaging/docs/profiles.md says of the shipped profiles what their files say, in figures and in words.</summary>
public class CatalogDocumentTests
{
    private const string Begin = "<!-- from profiles/seccomp: -->", End = "<!-- end -->";

    // From the widest to the narrowest, and at the end the one that is no confinement.
    private static readonly string[] s_order = ["runtime-default", "restricted", "worker", "jvm", "web", "node", "sandbox", "audit-all"];

    private static readonly string s_path = Path.Combine(Repository.Root, "packaging/docs/profiles.md");

    [Fact]
    public void TheCatalogueOfTheDocumentationIsTheOneOfTheFiles()
    {
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Repository.Profiles, "seccomp"), "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal),
            s_order.Order(StringComparer.Ordinal));
        string text = File.ReadAllText(s_path);
        int from = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, to = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from > Begin.Length && to > from, $"{s_path} must hold the lines '{Begin}' and '{End}', in this order.");
        string expected = $"\n{Table()}{Sections()}\n";
        if (text[from..to] != expected && Environment.GetEnvironmentVariable("HARDENING_WRITE_DOCS") == "1")
        {
            File.WriteAllText(s_path, text[..from] + expected + text[to..]);
        }

        Assert.True(text[from..to] == expected, $"{s_path} does not say what profiles/seccomp says. Run this test once with HARDENING_WRITE_DOCS=1, look at the difference and commit it.");
    }

    private static string Table()
    {
        SeccompProfile wide = Profile("runtime-default");
        StringBuilder table = new("\n| profile | for | calls allowed | denied beyond runtime-default | what is not allowed is | 32-bit programs |\n|---|---|---|---|---|---|\n");
        foreach (string name in s_order)
        {
            SeccompProfile profile = Profile(name);
            int denied = wide.Outcomes.Count(o => MayPass(o.Value) && !MayPass(profile[o.Key]));
            string allowed = profile.Default.Action <= SeccompAction.Log ? "all" : profile.AllowedNames.ToString(CultureInfo.InvariantCulture);
            string otherwise = profile.Default.Action == SeccompAction.Log ? "logged" : "denied";
            string narrow = profile.Architectures.Contains("SCMP_ARCH_X86") ? "run" : "killed";
            string purpose = Header(name)[0][(name.Length + 2)..].TrimEnd('.');
            table.Append(CultureInfo.InvariantCulture, $"| [`{name}`](../../profiles/seccomp/{name}.json) | {purpose} | {allowed} | {denied} | {otherwise} | {narrow} |\n");
        }

        return table.ToString();
    }

    private static string Sections()
        => string.Concat(s_order.Select(name => $"\n**{name}.** {string.Join(' ', Header(name).Skip(1).Select(Words))}\n"));

    // "accepts CODE: reason" is for the linter; the reason is for people, too.
    private static string Words(string line) => line.StartsWith("accepts ", StringComparison.Ordinal) ? line[(line.IndexOf(':', StringComparison.Ordinal) + 2)..] : line;

    private static bool MayPass(SyscallOutcome outcome)
        => outcome.Unconditional is { } always ? always.Action <= SeccompAction.Log : Array.Exists(outcome.Conditional, static rule => rule.Result.Action <= SeccompAction.Log);

    private static string[] Header(string name) => [.. JObject.Parse(File.ReadAllText(Repository.Folders.FindSeccomp(name)!))["//"]!.Select(static line => (string)line!)];

    private static SeccompProfile Profile(string name) => SeccompProfile.ParseFor(File.ReadAllBytes(Repository.Folders.FindSeccomp(name)!), name, CapabilitySet.None);
}
