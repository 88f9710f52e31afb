using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Checks;

/// <summary>Whether one container can match two things.</summary>
internal enum Overlaps
{
    /// <summary>Never.</summary>
    No,

    /// <summary>Globs are not compared exactly, so it may.</summary>
    Perhaps,

    /// <summary>There is such a container.</summary>
    Yes,
}

/// <summary>Compares what two policies match. It never says No or Yes unless that is so.</summary>
internal static class Overlap
{
    public static Overlaps Of(MatchClause[] a, MatchClause[] b)
    {
        MatchClause[] everything = [new MatchClause { Containers = ContainerKinds.All }];
        return Any(from x in a.Length == 0 ? everything : a from y in b.Length == 0 ? everything : b select Of(x, y));
    }

    private static Overlaps Of(MatchClause a, MatchClause b)
        => All(
            Of(a.Engines, b.Engines),
            Of(a.EngineNamespaces, b.EngineNamespaces),
            Of(a.Namespaces, b.Namespaces),
            Of(a.Pods, b.Pods),
            Of(a.Names, b.Names),
            Of(a.Images, b.Images),
            Of(a.Hostnames, b.Hostnames),
            All([.. from x in a.Annotations from y in b.Annotations where x.Key == y.Key select Of(x.Value, y.Value)]),
            a.Containers == ContainerKinds.All || b.Containers == ContainerKinds.All || a.Containers == b.Containers ? Overlaps.Yes : Overlaps.No,
            a.Privileged is null || b.Privileged is null || a.Privileged == b.Privileged ? Overlaps.Yes : Overlaps.No);

    private static Overlaps Of(string[] a, string[] b)
        => a.Length == 0 || b.Length == 0 ? Overlaps.Yes : Any(from x in a from y in b select Of(x, y));

    private static Overlaps Of(string a, string b)
    {
        if (a == b)
        {
            return Overlaps.Yes;
        }

        if (!IsGlob(b))
        {
            return Glob.IsMatch(a, b) ? Overlaps.Yes : Overlaps.No;
        }

        if (!IsGlob(a))
        {
            return Glob.IsMatch(b, a) ? Overlaps.Yes : Overlaps.No;
        }

        if (a == "**" || b == "**")
        {
            return Overlaps.Yes;
        }

        // A pattern that ends in "/**" matches its folder too, so the slash before it is not a fixed character.
        string fixedA = Fixed(a);
        string fixedB = Fixed(b);
        int length = Math.Min(fixedA.Length, fixedB.Length);
        return fixedA[..length] == fixedB[..length] ? Overlaps.Perhaps : Overlaps.No;
    }

    private static bool IsGlob(string text) => text.AsSpan().ContainsAny('*', '?');

    private static string Fixed(string glob) => glob[..glob.AsSpan().IndexOfAny('*', '?')].TrimEnd('/');

    private static Overlaps Any(IEnumerable<Overlaps> answers) => answers.DefaultIfEmpty(Overlaps.No).Max();

    private static Overlaps All(params Overlaps[] answers) => answers.Length == 0 ? Overlaps.Yes : answers.Min();
}
