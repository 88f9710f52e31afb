namespace Runtime.Hardening.Hook;

/// <summary>What is refused because we cannot be certain how the runtime reads its command line, and what needs no certainty because nothing comes of it.</summary>
internal static class CommandLineChecks
{
    /// <summary>Whether a command that starts something asks for its help alone, or names no container.</summary>
    public static bool StartsNothing(RuntimeArguments arguments)
        => (arguments.StartsContainer || arguments.Verb == RuntimeVerb.Exec) && (arguments.Help is not null || !arguments.HasId);

    /// <summary>The arguments of such a command: of one that asks for help no other flag and no id, because a later <c>--help=false</c> takes the wish back.</summary>
    public static IReadOnlyList<string> Harmless(RuntimeArguments arguments)
        => arguments.Help is { } help ? [.. arguments.All.Take(arguments.VerbIndex + 1), help] : arguments.All;

    /// <summary>Refuses what a runtime might read in another way than we do.</summary>
    /// <exception cref="Refusal">There is such a word.</exception>
    public static void RefuseUnclear(RuntimeArguments arguments)
    {
        string verb = arguments.VerbText;
        if (arguments.UnknownFlag is { } flag)
        {
            throw new Refusal($"'{flag}' is no global flag of a runtime that hardening-hook knows, so it cannot tell where '{verb}' begins");
        }

        if (arguments.UnclearFlag is { } unclear)
        {
            throw new Refusal(
                $"'{unclear}' is no flag of '{verb}' that hardening-hook knows, or the beginning of several, so it cannot tell which words are values; "
                + "write its whole name with two dashes, and a value as --flag=value");
        }

        // crun 1.8 takes --rootless for --root: there the container would be another than the one that we look up.
        if (arguments.Rootless is not ("" or "true" or "false" or "auto" or "1" or "0" or "t" or "f" or "T" or "F" or "TRUE" or "FALSE" or "True" or "False"))
        {
            throw new Refusal(
                $"--rootless '{arguments.Rootless}' is neither true, false nor auto, and some versions of crun take it for a folder of containers; name that with --root");
        }

        if (arguments.GivenRoot is "")
        {
            throw new Refusal("--root has an empty value, which some runtimes take for the folder that they are in and others for none; name the folder, or leave --root out");
        }

        // A path that is no UTF-8 reaches the runtime byte for byte, and there may be another file under the name that we read.
        RefuseUndecoded(arguments.Root, "--root");
        RefuseUndecoded(arguments.Bundle, "--bundle");
        RefuseUndecoded(arguments.Config, "--config");
        RefuseUndecoded(arguments.Process, "--process");
        RefuseUndecoded(arguments.WorkingDirectory, "--cwd");
        RefuseUndecoded(arguments.Id, "the container's id");
        RefusePathAsId(arguments.Id);
    }

    /// <summary>crun takes an id as a part of a path, so that <c>./ID</c> and <c>/ID</c> lead to a container whose record is under <c>ID</c>. No engine writes such ids.</summary>
    /// <exception cref="Refusal">It leads elsewhere than into a folder of its name.</exception>
    public static void RefusePathAsId(string id)
    {
        if (id is "." or ".." || id.Contains('/', StringComparison.Ordinal))
        {
            throw new Refusal($"'{id}' is a path where a container id was expected: some runtimes would follow it to a container that hardening-hook knows by another name; give the id alone");
        }
    }

    /// <summary>Runtimes take one id. A second one is the value of a flag that we do not know: then the first may be one too, and the record would be another's.</summary>
    /// <exception cref="Refusal">There are two, or the one is empty.</exception>
    public static void RefuseSecondId(RuntimeArguments arguments)
    {
        if (arguments.SecondId is { } second)
        {
            throw new Refusal(
                $"'{arguments.VerbText}' has the two arguments '{arguments.Id}' and '{second}' where runtimes take one container id; "
                + "if one is the value of a flag, hardening-hook does not know that flag: write it as --flag=value");
        }
    }

    /// <summary>After a flag that may or may not take a value, the verb may be another word than the one we found.</summary>
    /// <exception cref="Refusal">It may.</exception>
    public static void RefuseHiddenVerb(RuntimeArguments arguments)
    {
        if (arguments.UnknownFlag is { } flag && arguments.All.Any(static word => word is "create" or "run" or "restore" or "exec" or "update"))
        {
            throw new Refusal($"'{flag}' is no global flag of a runtime that hardening-hook knows, so it cannot tell which word is the command");
        }
    }

    private static void RefuseUndecoded(string value, string what)
    {
        if (value.Contains('\ufffd', StringComparison.Ordinal))
        {
            throw new Refusal($"{what} '{value}' is no UTF-8, so hardening-hook cannot tell what the runtime would find under that name; choose another");
        }
    }
}
