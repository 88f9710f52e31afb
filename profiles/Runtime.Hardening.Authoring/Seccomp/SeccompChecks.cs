using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Profiles;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>The linter of profiles: what runtimes would refuse, silently misread, or do otherwise than it looks. There is no second one.</summary>
public static class SeccompChecks
{
    /// <summary>Checks a profile in OCI form as a policy would use it.</summary>
    internal static void Run(string file, JToken root, LintReport report)
    {
        if (ProfileForm.Check(file, root, ProfileDialect.Oci, report) is { } document)
        {
            Run(document, SeccompUse.Policy, report);
        }
    }

    /// <summary>Checks what a profile in OCI form means. Its form has been checked into the same report.</summary>
    public static void Run(ProfileDocument document, SeccompUse use, LintReport report)
    {
        Remarks remarks = Remarks.Read(document, report);
        LintReport found = new();
        FieldChecks.Run(document, found);
        ListenerChecks.Run(document, use, found);
        if (document is { HasDefault: true, IsComparable: true })
        {
            RuleChecks.Run(document, found);
            NarrowArgumentChecks.Run(document, found);
        }

        if (document.IsComparable)
        {
            ConditionChecks.Run(document, found);
        }

        NameChecks.Run(document, found);
        ErrnoChecks.Run(document, found);
        // What a profile does can only be asked of one that a runtime would take.
        if (!report.HasErrors && !found.HasErrors && Meaning(document, found) is { } meaning)
        {
            FloorChecks.Run(document, meaning, found);
            ProbeChecks.Run(document, meaning, found);
            ArchitectureChecks.Run(document, meaning, found);
            DoubtChecks.Run(document, meaning, found);
        }

        remarks.Pass(found, report);
    }

    private static SeccompProfile? Meaning(ProfileDocument document, LintReport report)
    {
        try
        {
            return document.ToProfile();
        }
        catch (HardeningFormatException e)
        {
            report.Error("unreadable-profile", SourceLocation.Of(document.File), $"The hook cannot read this profile: {e.Message}");
            return null;
        }
    }
}
