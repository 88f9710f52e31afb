using System.Text;
using CsCheck;
using Runtime.Hardening.Authoring.Compiling;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Authoring.Tests;

public class MutationTests
{
    private static readonly string[] s_yaml = [.. Directory.EnumerateFiles(Path.Combine(Repository.Profiles, "policies"), "*.yaml").Select(File.ReadAllText)];
    private static readonly string[] s_json = [.. Directory.EnumerateFiles(Path.Combine(Repository.Profiles, "seccomp"), "*.json").Select(File.ReadAllText)];
    private static readonly string[] s_pieces = ["\t", ":", "- ", "[", "]", "{", "}", "&a ", "*a", "!!int ", "---\n", "\"", "'", "|\n", "\n", "<<: ", "null", "99999999999999999999", "\u2028", "%", "?", "# "];

    [Fact]
    public void NoMutationOfAPolicyCrashesTheLinterAndWhatItAcceptsCompiles()
        => Mutated(s_yaml).Sample(text =>
        {
            (PolicySet set, LintReport report) = Lint.Texts(text);
            if (!report.HasErrors)
            {
                PolicyCompiler.Compile(set);
            }
        }, iter: 2000, threads: 2);

    [Fact]
    public void NoMutationOfAProfileCrashesTheChecks()
        => Mutated(s_json).Sample(text => SeccompSource.Parse("x", "x.json", Encoding.UTF8.GetBytes(text), new LintReport()), iter: 1000, threads: 2);

    private static Gen<string> Mutated(string[] seeds)
        => Gen.Select(OneOf(seeds), Gen.Select(Gen.Double.Unit, Gen.Int[0, 12], OneOf(s_pieces)).Array[1, 6]).Select((seed, changes) =>
        {
            foreach ((double place, int removed, string piece) in changes)
            {
                int at = (int)(place * (seed.Length - 1));
                seed = string.Concat(seed.AsSpan(0, at), piece, seed.AsSpan(Math.Min(seed.Length, at + removed)));
            }

            return seed;
        });

    private static Gen<string> OneOf(string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
