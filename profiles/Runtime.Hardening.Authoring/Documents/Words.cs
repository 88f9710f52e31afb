using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Policies;

namespace Runtime.Hardening.Authoring.Documents;

/// <summary>The spelling of the policy language's closed vocabularies.</summary>
internal static class Words
{
    public static readonly string[] Modes = ["enforce", "audit", "off"];
    public static readonly string[] OnErrors = ["refuse", "passThrough"];
    public static readonly string[] Otherwises = ["refuse", "report"];
    public static readonly string[] Combines = ["replaceDefault", "stack"];
    public static readonly string[] RootFilesystems = ["readOnly"];
    public static readonly string[] Containers = ["workload", "sandbox", "all"];

    // The types of linux.namespaces that this version's rule looks at.
    public static readonly string[] Namespaces = ["pid", "network", "ipc", "uts", "mount", "user", "cgroup", "time"];

    public static readonly string[] Engines = FactsReader.Engines;

    public static string Of(ContainerKinds kinds) => Containers[(int)kinds];

    public static ContainerKinds Kinds(string word) => (ContainerKinds)Array.IndexOf(Containers, word);

    public static PolicyMode Mode(string word) => (PolicyMode)Array.IndexOf(Modes, word);

    public static OnError Error(string word) => (OnError)Array.IndexOf(OnErrors, word);

    public static Otherwise Otherwise(string word) => (Otherwise)Array.IndexOf(Otherwises, word);

    public static AppArmorCombine Combine(string word) => (AppArmorCombine)Array.IndexOf(Combines, word);
}
