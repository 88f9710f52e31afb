using System.Globalization;
using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor.Kernel;

/// <summary>Which processes are under a profile of ours, or will be as soon as they start their program.</summary>
public sealed class ProfileUsers
{
    // 'current' is the label; 'exec' is what a container that was created and not started yet will get. The folder apparmor/ is there where several
    // security modules share the plain names.
    private static readonly string[] s_labels = ["attr/current", "attr/exec", "attr/apparmor/current", "attr/apparmor/exec"];

    private readonly SortedDictionary<string, SortedSet<int>> _users = new(StringComparer.Ordinal);

    private ProfileUsers()
    {
    }

    /// <summary>False when some process could not be looked at: then nothing is known to be unused.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>The processes of a profile, in the order of their numbers.</summary>
    public IReadOnlyCollection<int> Of(string profile) => _users.TryGetValue(profile, out SortedSet<int>? found) ? found : [];

    /// <summary>Looks at every thread of every process, because a thread can have a label of its own.</summary>
    public static ProfileUsers Find(AppArmorHost host)
    {
        ProfileUsers users = new();
        foreach (string process in Directory.EnumerateDirectories(host.Processes))
        {
            if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            {
                continue;
            }

            try
            {
                foreach (string thread in Directory.EnumerateDirectories(Path.Combine(process, "task")))
                {
                    users.Look(number, thread);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                users.IsComplete &= IsGone(process, e);
            }
        }

        return users;
    }

    /// <summary>The profiles of ours in a label: <c>a//&amp;b (enforce)</c> names two, <c>a//child</c> is part of the first.</summary>
    internal static IEnumerable<string> OursIn(string label)
    {
        string text = label.TrimEnd('\0', '\n');
        int mode = text.EndsWith(')') ? text.LastIndexOf(" (", StringComparison.Ordinal) : -1;
        return (mode > 0 ? text[..mode] : text).Split("//&").Select(part => part.TrimStart('&').Split("//")[0]).Where(AppArmorName.IsVersion);
    }

    private void Look(int process, string thread)
    {
        foreach (string file in s_labels.Select(label => Path.Combine(thread, label)))
        {
            string label;
            try
            {
                label = File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                IsComplete &= IsGone(file, e);
                continue;
            }

            foreach (string profile in OursIn(label))
            {
                if (!_users.TryGetValue(profile, out SortedSet<int>? found))
                {
                    _users[profile] = found = [];
                }

                found.Add(process);
            }
        }
    }

    // A process that ended while we looked uses nothing, and a kernel without such a file tells by the others.
    private static bool IsGone(string path, Exception e) => e is not UnauthorizedAccessException && (!Path.Exists(path) || IsEnded(e));

    // ESRCH and EINVAL: the process is a zombie, or the label is not AppArmor's.
    private static bool IsEnded(Exception e) => (e.HResult & 0xFFFF) is 3 or 22;
}
