using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Authoring.Seccomp.Docker;
using Runtime.Hardening.Authoring.Seccomp.Kubernetes;
using Runtime.Hardening.Authoring.Yaml;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>Lints files of profiles, each by itself and all together.</summary>
public static class SeccompLint
{
    /// <summary>Lints files, and the files directly in folders.</summary>
    /// <returns>How many files were looked at.</returns>
    public static int Run(IEnumerable<string> paths, SeccompUse use, LintReport report)
    {
        ArgumentNullException.ThrowIfNull(paths);
        string[] files = [.. paths.SelectMany(path => Directory.Exists(path) ? InFolder(path, report) : [path]).Distinct()];
        List<ProfileDocument> documents = [];
        foreach (string file in files)
        {
            if (ProfileDocument.ReadBytes(file, report) is { } bytes)
            {
                documents.AddRange(One(file, bytes, use, report));
            }
        }

        CacheTrap.Run(documents, report);
        return files.Length;
    }

    private static ProfileDocument[] One(string file, byte[] bytes, SeccompUse use, LintReport report)
    {
        if (!ProfileConverter.IsJson(file, bytes))
        {
            return TextSource.Decode(file, bytes, report) is { } text && KubernetesReader.Read(file, text, report) is { } resource ? [Check(resource, use, report)] : [];
        }

        ProfileDocument.HasNoMark(file, bytes, report);
        if (JsonTree.Read(file, bytes, report) is not { } json)
        {
            return [];
        }

        if (json is JObject profile && ProfileForm.IsDocker(profile))
        {
            return Docker(file, profile, use, report);
        }

        return ProfileDocument.Of(file, json, ProfileDialect.Oci, report) is { } document ? [Check(document, use, report)] : [];
    }

    private static ProfileDocument[] Docker(string file, JObject json, SeccompUse use, LintReport report)
    {
        int before = report.ErrorCount;
        return ProfileDocument.Of(file, json, ProfileDialect.Docker, report) is { } docker && report.ErrorCount == before && Settled(docker, use, report) is { } settled ? [settled] : [];
    }

    /// <summary>Checks a profile in Docker's format as it is for a container without a capability, and for one with all of them; what both have is said once.</summary>
    /// <returns>What it is without a capability.</returns>
    internal static ProfileDocument? Settled(ProfileDocument docker, SeccompUse use, LintReport report)
    {
        LintReport found = new(), foundWithAll = new();
        Remarks remarks = Remarks.Read(docker, report);
        ProfileDocument? bare = For(docker, [], use, found);
        For(docker, CapabilitySet.KnownNames.ToArray(), use, foundWithAll);
        // Two capabilities that each bring the same call are no mistake.
        found.Take(foundWithAll, static f => f.Code is not ("rule-repeated" or "rule-dead"));
        remarks.Pass(found, report);
        return bare;
    }

    private static ProfileDocument? For(ProfileDocument docker, string[] held, SeccompUse use, LintReport report)
        => ProfileDocument.Of(docker.File, DockerResolver.Resolve(docker, new DockerContainer(held, DockerArchitecture.Native, KernelVersion.Native)), ProfileDialect.Oci, report) is { } document
            ? Check(document, use, report)
            : null;

    private static ProfileDocument Check(ProfileDocument document, SeccompUse use, LintReport report)
    {
        SeccompChecks.Run(document, use, report);
        return document;
    }

    private static string[] InFolder(string folder, LintReport report)
    {
        string[] files = [.. Directory.EnumerateFiles(folder).Where(static f => Path.GetExtension(f) is ".json" or ".yaml" or ".yml").Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            report.CannotRead("no-profiles", SourceLocation.Of(folder), "The folder holds no file that ends in .json, .yaml or .yml. Give the folder that holds the profiles.");
        }

        return files;
    }
}
