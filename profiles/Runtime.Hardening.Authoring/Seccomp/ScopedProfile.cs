using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Seccomp;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// A profile in Docker's format, whose rules say for which capabilities and architectures they are meant. A container's capabilities are known when it is created and
/// no sooner, so the hook settles them: a generation gets what the profile is without any of them, which most containers get as it stands, and the rules with
/// their conditions for the others. Kernel versions are not settled there, because a generation outlives a reboot.
/// </summary>
internal static class ScopedProfile
{
    /// <summary>Checks it as it is without a capability and with all of them, and compiles it.</summary>
    /// <param name="name">What policies call it.</param>
    /// <param name="path">For findings.</param>
    /// <param name="json">The profile.</param>
    /// <param name="report">Receives every finding.</param>
    public static SeccompSource? Compile(string name, string path, JObject json, LintReport report)
    {
        int before = report.ErrorCount;
        if (ProfileDocument.Of(path, json, ProfileDialect.Docker, report) is not { } docker)
        {
            return null;
        }

        byte[] source = docker.ToBytes();
        CapabilitySet depends = CheckScopes(docker, report);
        if (report.ErrorCount > before)
        {
            return new SeccompSource(name, path, source);
        }

        ProfileDocument? settled = SeccompLint.Settled(docker, SeccompUse.Policy, report);
        try
        {
            byte[] without = SeccompWriter.Write(SeccompProfile.ParseFor(source, path, CapabilitySet.None));
            return new SeccompSource(name, path, without)
            {
                ByCapability = depends == CapabilitySet.None ? null : new SeccompByCapabilitySource(name, depends, source),
                Document = settled,
            };
        }
        catch (HardeningFormatException) when (report.ErrorCount > before)
        {
            return new SeccompSource(name, path, source);   // what is wrong with it has been reported with its place
        }
        catch (HardeningFormatException e)
        {
            report.Error("unreadable-profile", SourceLocation.Of(path), $"The hook cannot read this profile: {e.Message}");
            return new SeccompSource(name, path, source);
        }
    }

    private static CapabilitySet CheckScopes(ProfileDocument docker, LintReport report)
    {
        CapabilitySet depends = CapabilitySet.None;
        foreach (ProfileRule rule in docker.Rules)
        {
            foreach (string field in (string[])["includes", "excludes"])
            {
                if (rule.Json[field] is JObject scope)
                {
                    depends = depends.Union(CheckScope(field, scope, report));
                }
            }
        }

        return depends;
    }

    private static CapabilitySet CheckScope(string field, JObject scope, LintReport report)
    {
        if (scope.Property("minKernel", StringComparison.Ordinal) is { } kernel)
        {
            report.Error("docker-format", kernel.Place(), $"'{field}.minKernel' is nothing that the hook could settle, only caps and arches are. Settle it first: hardenctl seccomp resolve.");
        }

        CapabilitySet depends = CapabilitySet.None;
        foreach (JToken name in scope["caps"] as JArray ?? [])
        {
            // One that is unknown was reported with the form.
            if (name is JValue { Value: string text } && CapabilitySet.TryParse(text, out CapabilitySet one))
            {
                depends = depends.Union(one);
            }
        }

        return depends;
    }
}
