namespace Runtime.Hardening.Collector.Cgroups;

/// <summary>A cgroup file does not have the form that the kernel documents: a bug here, or a newer kernel. The file is skipped.</summary>
internal sealed class CgroupFormatException(string message) : Exception(message);
