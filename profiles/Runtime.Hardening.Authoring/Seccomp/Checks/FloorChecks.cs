using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>What runtimes call themselves after the filter is loaded must pass it, or no container starts.</summary>
internal static class FloorChecks
{
    public static void Run(ProfileDocument document, SeccompProfile meaning, LintReport report)
    {
        if (meaning.Default.Action > SeccompAction.Log && meaning.AllowedNames == 0)
        {
            report.Error("denies-everything", document.Json["defaultAction"]!.Place(),
                $"The profile allows no call at all ({meaning.Default} for every one): no container can start with it, not even exit. List what it shall allow.");
            return;
        }

        if (!Passes(meaning, "execve"))
        {
            report.Error("denies-execve", document.Json["defaultAction"]!.Place(), "The profile does not allow execve, which every runtime starts the container's program with. Allow it.");
            return;
        }

        HashSet<string> named = new(StringComparer.Ordinal);
        List<string> parts = [];
        foreach (RuntimeNeed need in RuntimeFloor.Needs)
        {
            string[] missing = [.. need.Calls.Where(call => !Passes(meaning, call) && named.Add(call))];
            if (missing.Length > 0)
            {
                parts.Add($"{need.Who} needs {string.Join(", ", missing)}");
            }
        }

        if (parts.Count > 0)
        {
            report.Warning("below-floor", document.Json["defaultAction"]!.Place(),
                $"Containers or execs may fail to start, because runtimes make calls themselves after the filter is loaded: {string.Join("; ", parts)}. Allow them.");
        }
    }

    // On conditions counts as passing: clone is allowed without new namespaces, and that is all a runtime asks for.
    private static bool Passes(SeccompProfile meaning, string name)
        => meaning[name] is { } outcome && (outcome.Unconditional is { } always ? always.Action <= SeccompAction.Log : Array.Exists(outcome.Conditional, static r => r.Result.Action <= SeccompAction.Log) || meaning.Default.Action <= SeccompAction.Log);
}
