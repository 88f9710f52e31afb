namespace Runtime.Hardening.Cli.Engines;

/// <summary>One way in which containers get created on this node.</summary>
/// <param name="Engine">containerd, docker, podman, cri-o.</param>
/// <param name="Entry">The runtime entry's name, or the caller where there is no entry.</param>
/// <param name="Runtime">What is executed.</param>
/// <param name="Covered">True if that is the hook, and the engine has read it.</param>
/// <param name="Default">True if the engine uses it where nobody names another.</param>
/// <param name="Note">Why it is not covered, or what to do.</param>
internal sealed record NodeEntry(string Engine, string Entry, string Runtime, bool Covered, bool Default, string Note);
