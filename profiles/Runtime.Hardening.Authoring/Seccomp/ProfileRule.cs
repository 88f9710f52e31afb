using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>One entry of <c>syscalls</c> as it was written.</summary>
/// <param name="Json">The entry.</param>
/// <param name="Names">Its system calls, each with its place.</param>
/// <param name="Result">What it does.</param>
/// <param name="Conditions">Its conditions in the order of the file.</param>
/// <param name="Location">Where it stands.</param>
public sealed record ProfileRule(
    JObject Json, IReadOnlyList<PlacedName> Names, SeccompResult Result, IReadOnlyList<SeccompCondition> Conditions, SourceLocation Location)
{
    /// <summary>Whether calls can pass by this entry, be it on conditions or with a record in the audit log.</summary>
    public bool Allows => Result.Action is SeccompAction.Allow or SeccompAction.Log;
}

/// <summary>A name in a profile.</summary>
/// <param name="Name">The system call.</param>
/// <param name="Location">Where the name stands.</param>
public readonly record struct PlacedName(string Name, SourceLocation Location);
