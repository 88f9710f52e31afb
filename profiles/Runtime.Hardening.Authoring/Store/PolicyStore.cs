using Runtime.Hardening.Authoring.Interop;
using Runtime.Hardening.Profiles;

namespace Runtime.Hardening.Authoring.Store;

/// <summary>The generations of a node and which of them is in force (ARCHITECTURE.md, "Policy store").</summary>
/// <param name="path">The store's folder.</param>
/// <param name="stateDirectory">The folder of the containers' records: a generation that one of them names is kept.</param>
/// <param name="clock">For the time in the index.</param>
public sealed class PolicyStore(string path, string stateDirectory, TimeProvider clock)
{
    // Enough to roll back over a bad week, few enough that nobody has to tidy up.
    internal const int KeptGenerations = 10;

    private const string Current = "current";
    private const string Previous = "previous";

    private readonly string _generations = System.IO.Path.Combine(path, GenerationFolder.FolderName);

    /// <summary>The store's folder.</summary>
    public string Path { get; } = path;

    /// <summary>How long a writer waits for another one.</summary>
    public TimeSpan LockPatience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Called with a generation before it is put in force, and also when it is already: a node must have what the generation names before the first
    /// container asks for it. It stops that by a <see cref="StoreException"/>.
    /// </summary>
    public Action<GenerationFolder> Prepare { get; init; } = static _ => { };

    /// <summary>The generations, the oldest first.</summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public IReadOnlyList<GenerationFolder> Generations()
        => Directory.Exists(_generations)
            ? [.. Directory.EnumerateDirectories(_generations).Select(GenerationFolder.TryParse).OfType<GenerationFolder>().OrderBy(g => g.Number)]
            : [];

    /// <summary>The generation in force, or null when none was ever applied or the link leads nowhere.</summary>
    public GenerationFolder? CurrentGeneration() => GenerationFolder.At(System.IO.Path.Combine(Path, Current));

    /// <summary>What was in force before it, or null.</summary>
    public GenerationFolder? PreviousGeneration() => GenerationFolder.At(System.IO.Path.Combine(Path, Previous));

    /// <summary>What the hook decides by: the current generation, failing that the one before; none where neither is usable.</summary>
    public GenerationInForce InForce()
    {
        string? why = null;
        foreach (string link in (string[])[Current, Previous])
        {
            try
            {
                return new GenerationInForce(Usable(link), why);
            }
            catch (HardeningFormatException e)
            {
                why ??= e.Message;
            }
        }

        return new GenerationInForce(null, why);
    }

    /// <summary>Puts a set without errors in force.</summary>
    /// <exception cref="StoreException">The store cannot be trusted or is busy; nothing was changed.</exception>
    /// <exception cref="IOException">The disk refused; the generation in force has not changed.</exception>
    public ApplyResult Apply(PolicySet set)
    {
        GenerationWriter writer = new(set);
        StoreTrust.Check(Path);
        GenerationWriter.MakeFolder(Path);
        GenerationWriter.MakeFolder(_generations);
        using StoreLock held = StoreLock.Take(Path, LockPatience);
        DemandLink(Current);
        DemandLink(Previous);
        RemoveRemains();
        GenerationFolder? before = CurrentGeneration();
        if (before is not null && before.Digest == writer.Digest && IsWhole(before))
        {
            Prepare(before);
            return new ApplyResult(before.Name, before.Name, writer.PolicyCount, [], null);
        }

        int number = (Generations() is [.., { } last] ? last.Number : 0) + 1;
        string name = GenerationFolder.NameOf(number, writer.Digest);
        writer.Write(_generations, name, clock.GetUtcNow());
        PrepareNew(new GenerationFolder(System.IO.Path.Combine(_generations, name), name, number, writer.Digest));
        SwitchTo($"{GenerationFolder.FolderName}/{name}", before is null ? null : TargetOf(before));
        IReadOnlyList<string> pruned = Prune(out string? notPruned);
        return new ApplyResult(name, before?.Name, writer.PolicyCount, pruned, notPruned);
    }

    /// <summary>Puts an older generation in force again.</summary>
    /// <param name="number">Which; null for the one before the current.</param>
    /// <returns>The generation now in force.</returns>
    /// <exception cref="StoreException">There is no such generation, or it is damaged, or the store cannot be trusted; nothing was changed.</exception>
    public GenerationFolder Rollback(int? number)
    {
        StoreTrust.Check(Path);
        if (!Directory.Exists(_generations))
        {
            throw new StoreException($"There is no generation in {Path}: nothing was ever applied. Run 'hardenctl policy apply DIR'.");
        }

        using StoreLock held = StoreLock.Take(Path, LockPatience);
        DemandLink(Current);
        DemandLink(Previous);
        GenerationFolder? current = CurrentGeneration();
        GenerationFolder? target = number is null ? PreviousGeneration() : Generations().FirstOrDefault(g => g.Number == number);
        if (target is null)
        {
            string known = string.Join(", ", Generations().Select(g => g.Number));
            throw new StoreException(number is null
                ? $"There is no generation before the current one in {Path}. Name one with --to: {known}."
                : $"There is no generation {number} in {Path}, only {known}.");
        }

        try
        {
            target.Read();
        }
        catch (HardeningFormatException e)
        {
            throw new StoreException($"The generation {target.Name} is not usable, so it was not put in force: {e.Message}");
        }

        Prepare(target);
        if (target.Path != current?.Path)
        {
            SwitchTo(TargetOf(target), current is null ? null : TargetOf(current));
        }

        return target;
    }

    /// <summary>Does something while no other hardenctl changes the store. Where there is no store there is nobody to wait for.</summary>
    /// <exception cref="StoreException">The store cannot be trusted or is busy.</exception>
    public void WhileNobodyChangesIt(Action action)
    {
        StoreTrust.Check(Path);
        using StoreLock? held = Directory.Exists(Path) ? StoreLock.Take(Path, LockPatience) : null;
        action();
    }

    // One that was never in force is no version to roll back to.
    private void PrepareNew(GenerationFolder generation)
    {
        try
        {
            Prepare(generation);
        }
        catch
        {
            Discard(generation);
            throw;
        }
    }

    private void Discard(GenerationFolder generation)
    {
        // Renamed first: a half-removed generation must not look like a whole one.
        string aside = System.IO.Path.Combine(_generations, ".old-" + generation.Name);
        Libc.Rename(generation.Path, aside);
        Directory.Delete(aside, recursive: true);
    }

    // In the hook's order: who may rename generations could bring an old one back.
    private GenerationFolder Usable(string link)
    {
        foreach (string folder in (string[])[Path, _generations])
        {
            if (FileStatus.TryRead(folder, followLink: true) is not { IsDirectory: true })
            {
                throw new HardeningFormatException($"There is no {link} generation: there is no folder '{folder}'. Run 'hardenctl policy apply DIR'.");
            }

            if (FileTrust.ProblemOfOne(folder, mayBeSticky: false) is { } problem)
            {
                throw new HardeningFormatException($"{problem} Until then the hook uses no generation.");
            }
        }

        string path = System.IO.Path.Combine(Path, link);
        GenerationFolder generation = GenerationFolder.At(path)
            ?? throw new HardeningFormatException(RegularFile.LinkProblemOf(path) is { } dangling
                ? $"{dangling} Run 'hardenctl policy rollback' or 'hardenctl policy apply DIR'."
                : $"There is no {link} generation in {Path}. Run 'hardenctl policy apply DIR'.");
        generation.ReadIndex();
        return generation;
    }

    // Nothing that we did not write is removed: the hook uses such a folder until the moment in which a link takes its place.
    private void DemandLink(string link)
    {
        string path = System.IO.Path.Combine(Path, link);
        if (FileStatus.TryRead(path, followLink: false) is { IsSymbolicLink: false } found)
        {
            throw new StoreException($"'{path}' is {found.Kind}, expected a symbolic link into {GenerationFolder.FolderName}/. Move it away and run this again: 'mv {path} {path}.aside'. Nothing was changed.");
        }
    }

    private static bool IsWhole(GenerationFolder generation)
    {
        try
        {
            generation.Read();
            return true;
        }
        catch (HardeningFormatException)
        {
            return false;
        }
    }

    // A reader follows the link once, so it sees the old generation or the new one. 'previous' first: it must never name less than the last good one.
    private void SwitchTo(string target, string? before)
    {
        if (before is not null)
        {
            ReplaceLink(Previous, before);
        }

        ReplaceLink(Current, target);
        Libc.SyncFolder(Path);
    }

    // Relative inside the store, which may be moved; a generation elsewhere was linked by hand.
    private string TargetOf(GenerationFolder generation)
        => System.IO.Path.GetDirectoryName(generation.Path) == System.IO.Path.GetFullPath(_generations) ? $"{GenerationFolder.FolderName}/{generation.Name}" : generation.Path;

    private void ReplaceLink(string link, string target)
    {
        string beside = System.IO.Path.Combine(Path, $".{link}-new");
        File.Delete(beside);
        File.CreateSymbolicLink(beside, target);
        Libc.Rename(beside, System.IO.Path.Combine(Path, link));
    }

    private IReadOnlyList<string> Prune(out string? notPruned)
    {
        notPruned = null;
        IReadOnlyList<GenerationFolder> all = Generations();
        if (all.Count <= KeptGenerations)
        {
            return [];
        }

        if (LiveRecords.Generations(stateDirectory) is not { } needed)
        {
            notPruned = $"Old generations were kept, because the records in {stateDirectory} could not all be read.";
            return [];
        }

        needed.Add(CurrentGeneration()?.Name ?? "");
        needed.Add(PreviousGeneration()?.Name ?? "");
        GenerationFolder[] old = [.. all.Take(all.Count - KeptGenerations).Where(g => !needed.Contains(g.Name))];
        foreach (GenerationFolder generation in old)
        {
            Discard(generation);
        }

        return [.. old.Select(g => g.Name)];
    }

    // What an apply left that was killed. The lock is held, so nobody is writing them.
    private void RemoveRemains()
    {
        foreach (string folder in Directory.EnumerateDirectories(_generations, ".*").Where(f => System.IO.Path.GetFileName(f) is ['.', 'n' or 'o', ..]))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
