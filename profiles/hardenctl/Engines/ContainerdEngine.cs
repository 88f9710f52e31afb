namespace Runtime.Hardening.Cli.Engines;

/// <summary>What configuring did, or would do.</summary>
/// <param name="Target">The file that changes.</param>
/// <param name="Runtime">Absolute path of the real runtime, or its bare name where it is not on this node.</param>
/// <param name="Changed">False: everything was in place already.</param>
/// <param name="Diff">The change as a unified diff.</param>
internal sealed record ConfigureOutcome(string Target, string Runtime, bool Changed, string Diff);

/// <summary>Puts our entry into containerd's configuration and takes it out again.</summary>
internal sealed class ContainerdEngine(NodePaths node, ContainerdProgram containerd, string config, TimeProvider clock)
{
    private readonly string _main = node.Under(config);
    private readonly string _backup = node.Backup("containerd");

    public ConfigureOutcome Configure(ContainerdRequest request, bool dryRun)
    {
        EngineBackup? earlier = EngineBackup.Load(_backup);
        byte[]? current = earlier is null ? null : ConfigFile.ReadBytes(earlier.Target);
        if (earlier is not null && earlier.Request == request && current.AsSpan().SequenceEqual(earlier.Written) && current is not null)
        {
            return new ConfigureOutcome(earlier.Target, earlier.Runtime, false, "");
        }

        if (earlier is not null && current is not null && !current.AsSpan().SequenceEqual(earlier.Original))
        {
            return Again(earlier, current, request, dryRun);
        }

        ContainerdSettings before = Effective();
        RequireCri(before);
        ContainerdFiles files = ContainerdFiles.Load(_main, before);
        RequireHandWritten(files.Target);
        ContainerdEdit.VersionFor(files.Target, before);
        string runtime = RealRuntime(before, request);
        if (before.Runtimes.ContainsKey(request.Handler))
        {
            return AlreadyThere(before, request, runtime);
        }

        string text = ContainerdEdit.Add(files.Target, before, request);
        byte[] written = ConfigFile.Encode(text);
        ContainerdCheck.OnlyAdds(before, files.Try(containerd, written), request, files.Target.Path);
        ConfigureOutcome outcome = new(
            files.Target.Path, runtime, true, UnifiedDiff.Make(files.Target.Text.Text, text, files.Target.Bytes is null ? "/dev/null" : files.Target.Path, files.Target.Path));
        if (!dryRun)
        {
            new EngineBackup(files.Target.Path, _main, request, runtime, PreviousDefault(files.Target), clock.GetUtcNow(), files.Target.Bytes, written).Save(_backup);
            AtomicReplace.Write(files.Target.Path, written);
        }

        return outcome;
    }

    /// <summary>Puts the original back. Null: there is nothing of ours to take out.</summary>
    /// <param name="force">Put the original back although somebody changed the file; their change is lost.</param>
    /// <param name="removeOnly">Keep what others changed, and cut only our entry.</param>
    /// <param name="dryRun">Change nothing.</param>
    /// <returns>The change as a unified diff.</returns>
    public string? Restore(bool force, bool removeOnly, bool dryRun)
    {
        if (EngineBackup.Load(_backup) is not { } backup)
        {
            return null;
        }

        byte[]? current = ConfigFile.ReadBytes(backup.Target);
        bool untouched = current.AsSpan().SequenceEqual(backup.Written) && current is not null;
        bool back = current is null ? backup.Original is null : backup.Original is not null && current.AsSpan().SequenceEqual(backup.Original);
        byte[]? next = backup.Original;
        if (!untouched && !back && removeOnly)
        {
            next = current is null ? null : CutOurs(backup);
        }
        else if (!untouched && !back && !force)
        {
            throw EngineException.Decide($"'{backup.Target}' was changed by somebody else since hardenctl wrote it on {backup.Created:u}. Nothing was restored. Their change:\n"
                + UnifiedDiff.Make(Text(backup.Written), Text(current ?? []), "as hardenctl wrote it", current is null ? "/dev/null" : backup.Target)
                + "\nRun again with --remove-only to keep that change and cut just our entry, or with --force to put the original back and lose that change.");
        }

        string diff = UnifiedDiff.Make(Text(current ?? []), Text(next ?? []), backup.Target, next is null ? "/dev/null" : backup.Target);
        if (!dryRun)
        {
            Put(backup.Target, next, current);
            EngineBackup.Delete(_backup);
        }

        return diff;
    }

    /// <summary>containerd's view of the file in use, or of none where there is none.</summary>
    public ContainerdSettings Effective()
    {
        if (File.Exists(_main))
        {
            return containerd.Effective(_main);
        }

        // containerd 1.x fails on a missing file here, although it starts without one: an empty file means the same to it.
        string empty = Path.GetTempFileName();
        try
        {
            return containerd.Effective(empty);
        }
        finally
        {
            File.Delete(empty);
        }
    }

    /// <summary>Configured before, and asked for something else now, or changed by somebody since: start from the file without our part.</summary>
    private ConfigureOutcome Again(EngineBackup earlier, byte[] current, ContainerdRequest request, bool dryRun)
    {
        bool untouched = current.AsSpan().SequenceEqual(earlier.Written);
        if (!untouched && earlier.Request == request && Effective() is { } now && now.Runtimes.TryGetValue(request.Handler, out object? entry)
            && ContainerdSettings.BinaryOf((Dictionary<string, object>)entry) == request.Hook && (!request.Default || now.DefaultRuntime == request.Handler))
        {
            return new ConfigureOutcome(earlier.Target, earlier.Runtime, false, "");
        }

        if (dryRun)
        {
            throw EngineException.Decide($"'{earlier.Target}' already has an entry of ours ('{earlier.Request.Handler}'), made with other options or changed since. "
                + "A plan cannot be shown on top of it: run `hardenctl engine restore containerd --dry-run` to see it taken out, or run this without --dry-run to replace it.");
        }

        byte[]? original = untouched ? earlier.Original : CutOurs(earlier);
        Put(earlier.Target, original, current);
        try
        {
            EngineBackup.Delete(_backup);
            return Configure(request, dryRun: false);
        }
        catch (EngineException)
        {
            // The new request cannot be met: what worked before stays.
            Put(earlier.Target, current, original);
            earlier.Save(_backup);
            throw;
        }
    }

    private byte[] CutOurs(EngineBackup backup)
    {
        ConfigFile file = ConfigFile.Read(backup.Target);
        byte[] cut = ConfigFile.Encode(ContainerdEdit.Remove(file.Text, backup.Request.Handler, backup.PreviousDefault));
        ContainerdSettings before = Effective();
        ContainerdCheck.Requires(before, ContainerdFiles.Load(_main, before).Try(containerd, cut), backup.Request.Handler, backup.Target);
        return cut;
    }

    private static void Put(string target, byte[]? next, byte[]? current)
    {
        if (next is null)
        {
            File.Delete(target);
        }
        else if (current is null || !next.AsSpan().SequenceEqual(current))
        {
            AtomicReplace.Write(target, next);
        }
    }

    private void RequireCri(ContainerdSettings effective)
    {
        if (effective.CriDisabled)
        {
            throw EngineException.Decide($"'{_main}' switches the CRI plugin off (disabled_plugins), as Docker's packages of containerd do. Runtime entries are read by CRI only, so there is nothing to configure: "
                + "`ctr` and nerdctl name the runtime in each call. For Kubernetes take the plugin out of disabled_plugins (and state version = 2), then run this again.");
        }
    }

    // k3s and rke2 say so in the first line of the file that they write anew at each start.
    private static void RequireHandWritten(ConfigFile file)
    {
        if (file.Text.Text.Contains(".toml.tmpl instead", StringComparison.Ordinal))
        {
            throw EngineException.Decide($"'{file.Path}' says that it is generated from a template, so an edit would be gone at the next start. "
                + "Put the entry into that template (config.toml.tmpl beside it, or config-v3.toml.tmpl for containerd 2.x); --dry-run on a copy of this file shows what to add.");
        }
    }

    private string RealRuntime(ContainerdSettings effective, ContainerdRequest request)
    {
        if (!effective.Runtimes.TryGetValue(request.From, out object? entry) || entry is not Dictionary<string, object> from)
        {
            throw EngineException.Decide($"'{_main}': containerd has no runtime entry '{request.From}' to copy. It has: {string.Join(", ", effective.Runtimes.Keys)}. Name one of them with --from.");
        }

        if (ContainerdSettings.TypeOf(from) != "io.containerd.runc.v2")
        {
            throw EngineException.Decide($"'{_main}': the entry '{request.From}' has runtime_type '{ContainerdSettings.TypeOf(from)}'. Only io.containerd.runc.v2 starts an OCI runtime by its BinaryName; name such an entry with --from.");
        }

        string binary = ContainerdSettings.BinaryOf(from);
        if (binary == request.Hook)
        {
            throw EngineException.Decide($"'{_main}': the entry '{request.From}' already runs '{request.Hook}', so the real runtime behind it is not known. Name an entry that runs runc or crun with --from.");
        }

        return binary.StartsWith('/') ? binary : Programs.Find(binary) ?? binary;
    }

    private ConfigureOutcome AlreadyThere(ContainerdSettings effective, ContainerdRequest request, string runtime)
    {
        string binary = ContainerdSettings.BinaryOf((Dictionary<string, object>)effective.Runtimes[request.Handler]);
        if (binary == request.Hook && (!request.Default || effective.DefaultRuntime == request.Handler))
        {
            return new ConfigureOutcome(_main, runtime, false, "");
        }

        throw EngineException.Decide($"'{_main}': a runtime entry '{request.Handler}' is there already, with BinaryName '{binary}', and hardenctl did not write it. "
            + "Name another entry with --handler, or take that one out first.");
    }

    private static string? PreviousDefault(ConfigFile file)
    {
        string plugin = file.Version >= 3 ? ContainerdSettings.PluginOfVersion3 : ContainerdSettings.PluginOfVersion2;
        return TomlTree.Find(file.Text.Tree, "plugins", plugin, "containerd") is { } table && table.TryGetValue("default_runtime_name", out object? name) ? name as string : null;
    }

    private static string Text(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);
}
