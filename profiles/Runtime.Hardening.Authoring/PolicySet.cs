using Runtime.Hardening.Authoring.AppArmor;
using Runtime.Hardening.Authoring.Checks;
using Runtime.Hardening.Authoring.Documents;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp;

namespace Runtime.Hardening.Authoring;

/// <summary>Policies that are linted and compiled together, with all they refer to.</summary>
public sealed class PolicySet
{
    private PolicySet(IReadOnlyList<PolicyFile> files, IReadOnlyList<ResolvedPolicy> policies, IReadOnlyDictionary<string, SeccompSource> seccomp,
        IReadOnlyDictionary<string, AppArmorSource> apparmor)
    {
        Files = files;
        Policies = policies;
        Seccomp = seccomp;
        AppArmor = apparmor;
    }

    /// <summary>The files that were read.</summary>
    public IReadOnlyList<PolicyFile> Files { get; }

    /// <summary>The policies in the order of their names, with what they inherit.</summary>
    public IReadOnlyList<ResolvedPolicy> Policies { get; }

    /// <summary>The seccomp profiles that the policies ask for, by name.</summary>
    public IReadOnlyDictionary<string, SeccompSource> Seccomp { get; }

    /// <summary>The described AppArmor profiles that the policies ask for, by name. One that is not described here is somebody else's to load.</summary>
    public IReadOnlyDictionary<string, AppArmorSource> AppArmor { get; }

    /// <summary>Reads files and folders and checks everything. The result is complete only when the report has no errors.</summary>
    /// <param name="paths">Files, and folders whose files are read.</param>
    /// <param name="folders">Where bases and profiles are.</param>
    /// <param name="report">Receives every finding.</param>
    public static PolicySet Load(IReadOnlyList<string> paths, ProfileFolders folders, LintReport report)
    {
        IReadOnlyList<PolicyFile> files = PolicyFiles.Read(paths, report);
        List<PolicyDocument> documents = [];
        foreach (PolicyDocument document in files.SelectMany(f => f.Documents))
        {
            if (documents.FirstOrDefault(d => d.Name == document.Name) is { } first)
            {
                report.Error("duplicate-policy", document.Location, $"A policy with the name '{document.Name}' already stands at {first.Location}. Give each its own name.");
            }
            else
            {
                documents.Add(document);
            }
        }

        Inheritance inheritance = new(documents, folders, report);
        ResolvedPolicy[] policies = [.. documents.Select(inheritance.Resolve).OrderBy(p => p.Document.Name, StringComparer.Ordinal)];
        foreach (ResolvedPolicy policy in policies)
        {
            MatchChecks.Run(policy, report);
            if (!report.HasErrors)
            {
                EffectChecks.Run(policy, report);   // a field that could not be read would look like one that is missing
            }
        }

        IReadOnlyDictionary<string, AppArmorSource> apparmor = AppArmorSource.LoadAll(policies, folders, report);
        AppArmorChecks.Run(policies, apparmor, folders, report);
        return new PolicySet(files, policies, SeccompSource.LoadAll(policies, folders, report), apparmor);
    }
}
