namespace Runtime.Hardening.Cli.Engines;

/// <summary>Compares containerd's effective configuration before and after an edit: exactly what was meant may differ.</summary>
internal static class ContainerdCheck
{
    /// <exception cref="EngineException">Something else would change, or our entry would not be what it should be.</exception>
    public static void OnlyAdds(ContainerdSettings before, ContainerdSettings after, ContainerdRequest request, string file)
    {
        Requires(before, after, request.Handler, file);
        if (!after.Runtimes.TryGetValue(request.Handler, out object? added) || added is not Dictionary<string, object> entry)
        {
            throw EngineException.Failed($"'{file}': containerd does not see the runtime entry '{request.Handler}' that would be written there. Nothing was changed. "
                + "Another file that it reads replaces that section: `containerd config dump` shows the outcome.");
        }

        SortedDictionary<string, string> expected = TomlTree.Flatten((Dictionary<string, object>)before.Runtimes[request.From]);
        expected["options.BinaryName"] = TomlWriter.Value(request.Hook);
        Complain(Differences(expected, TomlTree.Flatten(entry)), file, $"the entry '{request.Handler}' would not equal '{request.From}'");
        if (request.Default && after.DefaultRuntime != request.Handler)
        {
            throw EngineException.Failed($"'{file}': containerd's default runtime would stay '{after.DefaultRuntime}'. Nothing was changed. Another file sets default_runtime_name after this one.");
        }
    }

    /// <summary>Nothing but the entry of this name and the default runtime's name may differ.</summary>
    public static void Requires(ContainerdSettings before, ContainerdSettings after, string handler, string file)
        => Complain(Differences(Others(before, handler), Others(after, handler)), file, "more than our entry would change");

    private static SortedDictionary<string, string> Others(ContainerdSettings settings, string handler)
    {
        string containerd = $"plugins.{TomlWriter.Key(settings.Plugin)}.containerd";
        string entry = $"{containerd}.runtimes.{TomlWriter.Key(handler)}";
        SortedDictionary<string, string> leaves = TomlTree.Flatten(settings.Tree);
        foreach (string path in leaves.Keys.ToArray())
        {
            // imports: containerd 1.x lists the file it was started with there, which is a trial copy in one of the two.
            if (path == "imports" || path == entry || path.StartsWith(entry + ".", StringComparison.Ordinal) || path == $"{containerd}.default_runtime_name")
            {
                leaves.Remove(path);
            }
        }

        return leaves;
    }

    // A dump lists an entry's options at their zero values only where they were in the file (or in no file at all), so absent and zero are the same.
    private static List<string> Differences(SortedDictionary<string, string> before, SortedDictionary<string, string> after)
        => [.. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
            .Select(p => (Path: p, Before: before.GetValueOrDefault(p, "absent"), After: after.GetValueOrDefault(p, "absent")))
            .Where(d => d.Before != d.After && (Says(d.Before) || Says(d.After)))
            .Select(d => $"  {d.Path}: {d.Before} -> {d.After}")];

    private static bool Says(string value) => value is not ("absent" or "\"\"" or "false" or "0" or "[]" or "{}");

    private static void Complain(List<string> differences, string file, string what)
    {
        if (differences.Count > 0)
        {
            throw EngineException.Failed($"'{file}': {what}, so nothing was changed. containerd's effective configuration would differ in "
                + $"{differences.Count} places:\n{string.Join('\n', differences.Take(12))}");
        }
    }
}
