using Runtime.Hardening.Profiles.Decisions;
using Runtime.Hardening.Profiles.Edits;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Rules;

/// <summary>
/// Starts no process in a folder that some process holds open: the runtime's own descriptors lead to the host (CVE-2024-21626), and no workload lives there.
/// </summary>
internal sealed class WorkingDirectoryRule : IHardeningRule
{
    private static readonly string[] s_links = ["fd", "cwd", "root", "exe", "map_files", "ns", "task"];

    public void Evaluate(RuleContext context, PolicyDecision.Builder decision)
    {
        if (context.Policies.Length > 0)
        {
            Neutralise(context.Spec, context.Names(static _ => true), decision.Edits);
        }
    }

    /// <summary>Adds the edit that starts the process at the container's root instead; none for any other folder.</summary>
    /// <param name="spec">config.json or process.json.</param>
    /// <param name="policies">Who asks, for people.</param>
    /// <param name="edits">Receives the edit.</param>
    internal static void Neutralise(ContainerSpec spec, string policies, EditList edits)
    {
        if (spec.Text(SpecPath.WorkingDirectory) is { } directory && LeadsOut(directory))
        {
            edits.Add(new SpecEdit(SpecPath.WorkingDirectory, "\"/\""u8.ToArray(), RuleId.WorkingDirectory, policies, directory, "/"));
        }
    }

    /// <summary>
    /// Whether a folder's path leads through a descriptor. Each step counts, not only where the words end: behind a link '..' is the parent of what it leads to.
    /// <c>/proc</c> and <c>/dev</c> have links of the kernel's and of engines' (<c>/proc/net</c>, <c>/proc/thread-self</c>), so there is no '..' in them at all.
    /// </summary>
    internal static bool LeadsOut(string directory)
    {
        var names = new List<string>();
        foreach (string name in directory.Split('/'))
        {
            if (name == ".." && names.Count > 0)
            {
                if (names[0] is "proc" or "dev")
                {
                    return true;
                }

                names.RemoveAt(names.Count - 1);
            }
            else if (name is not ("" or "." or ".."))
            {
                names.Add(name);
            }

            if (IsLink(names))
            {
                return true;
            }
        }

        return false;
    }

    // /dev/fd is a link to /proc/self/fd, and the other three to what is in it.
    private static bool IsLink(List<string> names)
        => names.Count == 2 ? names[0] == "dev" && names[1] is "fd" or "stdin" or "stdout" or "stderr" : names.Count == 3 && names[0] == "proc" && Array.IndexOf(s_links, names[2]) >= 0;
}
