namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>What became, or would become, of one profile.</summary>
/// <param name="Name">With the version.</param>
/// <param name="Outcome">What was done.</param>
/// <param name="Reason">Why, for a person; empty where there is nothing to say.</param>
public sealed record LoadStep(string Name, LoadOutcome Outcome, string Reason);

/// <summary>What <see cref="AppArmorLoader"/> does with a profile.</summary>
public enum LoadOutcome
{
    /// <summary>The kernel has it as it should be.</summary>
    Unchanged,

    /// <summary>It was put into the kernel.</summary>
    Loaded,

    /// <summary>The kernel had it otherwise, and has it now as it should be.</summary>
    Mended,

    /// <summary>It was taken out of the kernel: nobody used or named it.</summary>
    Removed,

    /// <summary>Nobody names it, but it is used, or that cannot be told.</summary>
    Kept,

    /// <summary>The parser or the kernel refused.</summary>
    Failed,
}

/// <summary>Makes the kernel have the profiles that are wanted, and takes back those of ours that nobody needs.</summary>
/// <param name="host">The kernel.</param>
/// <param name="loadedPath">The file of <see cref="LoadedDigests"/>.</param>
public sealed class AppArmorLoader(AppArmorHost host, string loadedPath)
{
    /// <summary>Loads what the kernel does not have as it should be. A profile that it has is left alone, so doing it twice changes nothing.</summary>
    /// <param name="wanted">The profiles; one that stands twice counts once.</param>
    /// <param name="isDryRun">Only says what would be done.</param>
    /// <exception cref="IOException">The kernel or the parser cannot be asked at all.</exception>
    public IReadOnlyList<LoadStep> Load(IEnumerable<AppArmorText> wanted, bool isDryRun)
    {
        SortedDictionary<string, KernelProfile> kernel = KernelProfile.All(host);
        LoadedDigests known = LoadedDigests.Read(loadedPath);
        List<LoadStep> steps = [];
        foreach (AppArmorText profile in wanted.DistinctBy(profile => profile.Name).OrderBy(profile => profile.Name, StringComparer.Ordinal))
        {
            string? mistake = MistakeOf(profile.Name, kernel, known, mustBeNoted: true);
            steps.Add(mistake is null
                ? new LoadStep(profile.Name, LoadOutcome.Unchanged, "")
                : LoadOne(profile, mistake, kernel.ContainsKey(profile.Name) ? LoadOutcome.Mended : LoadOutcome.Loaded, isDryRun));
        }

        if (!isDryRun)
        {
            Note(steps, known);
        }

        return steps;
    }

    // The kernel has them whatever becomes of the note. Without it the next load loads them once more.
    private void Note(List<LoadStep> steps, LoadedDigests known)
    {
        string[] loaded = [.. steps.Where(step => step.Outcome is LoadOutcome.Loaded or LoadOutcome.Mended).Select(step => step.Name)];
        if (loaded.Length == 0)
        {
            return;
        }

        try
        {
            known.Write(loaded, KernelProfile.All(host));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            for (int i = 0; i < steps.Count; i++)
            {
                if (loaded.Contains(steps[i].Name))
                {
                    steps[i] = steps[i] with { Reason = $"{steps[i].Reason}; that it was loaded could not be noted in '{loadedPath}' ({e.Message.TrimEnd('.')}), so a change of it would not be seen" };
                }
            }
        }
    }

    /// <summary>Removes the profiles of ours that are not needed and that nobody uses.</summary>
    /// <param name="needed">The names to leave alone; null where that cannot be told, and then all stay.</param>
    /// <param name="isDryRun">Only says what would be done.</param>
    /// <exception cref="IOException">The kernel cannot be asked.</exception>
    public IReadOnlyList<LoadStep> RemoveUnneeded(IReadOnlySet<string>? needed, bool isDryRun)
    {
        string[] candidates = [.. KernelProfile.All(host).Keys.Where(name => needed?.Contains(name) != true)];
        if (candidates.Length == 0)
        {
            return [];
        }

        if (needed is null)
        {
            return [.. candidates.Select(name => new LoadStep(name, LoadOutcome.Kept, "not everything that could name it can be read"))];
        }

        ProfileUsers users = ProfileUsers.Find(host);
        return [.. candidates.Select(name => RemoveOne(name, users, isDryRun))];
    }

    /// <summary>What is wrong with the kernel's copy of a profile, or null.</summary>
    /// <param name="name">With the version.</param>
    /// <param name="kernel">What the kernel has.</param>
    /// <param name="known">What we have loaded.</param>
    /// <param name="mustBeNoted">Whether one that we have not loaded is wrong.</param>
    internal static string? MistakeOf(string name, SortedDictionary<string, KernelProfile> kernel, LoadedDigests known, bool mustBeNoted)
    {
        if (!kernel.TryGetValue(name, out KernelProfile? loaded))
        {
            return "not loaded";
        }

        if (!loaded.IsEnforcing)
        {
            return $"in {loaded.Mode} mode, which denies nothing";
        }

        if (known.Of(name) is not { } digest)
        {
            return mustBeNoted ? "in the kernel, and hardenctl has not noted that it loaded it since the boot, so its text is not known" : null;
        }

        return loaded.Digest is { } now && digest != now
            ? $"replaced by another text since it was loaded (the kernel's digest was {Short(digest)} and is {Short(now)})" : null;
    }

    private static string Short(string digest) => digest.Length == 0 ? "unknown" : digest.Length <= 8 ? digest : digest[..8];

    private LoadStep LoadOne(AppArmorText profile, string reason, LoadOutcome outcome, bool isDryRun)
    {
        if (host.Parser is null)
        {
            return new LoadStep(profile.Name, LoadOutcome.Failed, AppArmorHost.NoParser);
        }

        string? refusal = isDryRun ? AppArmorParser.Check(host.Parser, profile.Text) : AppArmorParser.Load(host.Parser, profile.Text);
        return refusal is null ? new LoadStep(profile.Name, outcome, reason) : new LoadStep(profile.Name, LoadOutcome.Failed, refusal);
    }

    private LoadStep RemoveOne(string name, ProfileUsers users, bool isDryRun)
    {
        IReadOnlyCollection<int> processes = users.Of(name);
        if (processes.Count > 0)
        {
            string more = processes.Count > 3 ? $" and {processes.Count - 3} more" : "";
            return new LoadStep(name, LoadOutcome.Kept, $"used by {(processes.Count == 1 ? "process" : "processes")} {string.Join(", ", processes.Take(3))}{more}");
        }

        if (!users.IsComplete)
        {
            return new LoadStep(name, LoadOutcome.Kept, "not every process can be looked at");
        }

        try
        {
            if (!isDryRun)
            {
                KernelProfile.Remove(host, name);
            }

            return new LoadStep(name, LoadOutcome.Removed, "nobody uses or names it");
        }
        catch (IOException e)
        {
            return new LoadStep(name, LoadOutcome.Failed, $"the kernel does not give it back: {e.Message}");
        }
    }
}
