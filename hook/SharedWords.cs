namespace Runtime.Hardening.Hook;

/// <summary>
/// Refuses words by which the runtime would find something else than we do: it would then run what nobody hardened, or join a container without its ceiling.
/// </summary>
internal static class SharedWords
{
    /// <summary>crun takes an id as a part of a path, so that <c>./ID</c> and <c>/ID</c> lead to a container whose record is under <c>ID</c>. No engine writes such ids.</summary>
    /// <exception cref="Refusal">It leads elsewhere than into a folder of its name.</exception>
    public static void RefusePathAsId(string id)
    {
        if (id is "." or ".." || id.Contains('/', StringComparison.Ordinal))
        {
            throw new Refusal($"'{id}' is a path where a container id was expected: some runtimes would follow it to a container that hardening-hook knows by another name; give the id alone");
        }
    }

    /// <summary>The framework decodes a command line as UTF-8; what is none we would look for under another name than the runtime, which gets the bytes.</summary>
    /// <exception cref="Refusal">A path of the command line has such bytes.</exception>
    public static void RefuseLostBytes(RuntimeArguments arguments)
    {
        RefuseLostBytes("--root", arguments.Root);
        RefuseLostBytes("--bundle", arguments.Bundle);
        RefuseLostBytes("--config", arguments.Config);
        RefuseLostBytes("--process", arguments.Process);
    }

    private static void RefuseLostBytes(string flag, string path)
    {
        if (path.Contains('\ufffd', StringComparison.Ordinal))
        {
            throw new Refusal($"{flag} '{path}' has bytes that are no UTF-8, or the character U+FFFD that stands for such: hardening-hook might harden another file than the one that the runtime opens; rename it");
        }
    }
}
