namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>What in a filter decided about a call.</summary>
public enum SeccompOrigin
{
    /// <summary>Rules of the profile.</summary>
    Rule,

    /// <summary>No rule held.</summary>
    Default,

    /// <summary>runc's own answer to numbers beyond the largest one that the profile names.</summary>
    EnosysStub,

    /// <summary>
    /// The default, because libseccomp forgot to load the call's number for this architecture and no rule is ever reached: the profile has no rule without
    /// conditions for a call that the architecture has, but one for a call that it does not have.
    /// </summary>
    BlindFilter,

    /// <summary>The call came from an architecture that the filter is not for: its thread is killed.</summary>
    BadArchitecture,
}
