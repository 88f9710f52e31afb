using System.Text;
using Runtime.Hardening.Profiles.Facts;

namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>Writes a description as profile text. It includes no other file, so what it says is all that holds, on every distribution.</summary>
internal static class AppArmorRenderer
{
    // Who stops containers: an engine that nothing confines, or a runtime under the profile that newer distributions give it.
    private static readonly string[] s_engines = ["crun", "runc", "unconfined"];

    /// <summary>The text of the version that has its digest in the name.</summary>
    public static AppArmorText Render(AppArmorDescription profile) => AppArmorText.Make(profile.Name, name => Write(profile, name));

    private static string Write(AppArmorDescription profile, string name)
    {
        StringBuilder text = new();
        text.Append($"# Rendered by hardenctl from the description {profile.Name}. Change that, not this: another text gets another name.\n");
        text.Append($"profile {name} flags=(attach_disconnected,mediate_deleted) {{\n");
        WriteFiles(profile, text);
        WriteNetwork(profile, text);
        foreach (string capability in profile.Capabilities.Order(StringComparer.Ordinal))
        {
            text.Append($"  capability {capability["CAP_".Length..].ToLowerInvariant()},\n");
        }

        WriteSignals(profile, text);
        WritePtrace(profile, text);
        WriteMounts(profile, text);
        return text.Append("}\n").ToString();
    }

    private static void WriteFiles(AppArmorDescription profile, StringBuilder text)
    {
        // Locks need no right to write, and what is started or loaded is read too.
        SortedDictionary<string, string> allowed = new(StringComparer.Ordinal);
        Allow(profile.Read, "rk");
        Allow(profile.Write, "wlk");
        Allow(profile.Map, "rm");
        Allow(profile.Execute, "rmi");
        foreach ((string path, string letters) in allowed)
        {
            // 'ix' is one right of two letters: whatever is started stays in this profile.
            text.Append($"  \"{path}\" {letters}{(letters.Contains('i') ? "x" : "")},\n");
        }

        foreach (FileDenial denial in EngineFloor.Files.Concat(profile.DeniedFiles))
        {
            string letters = string.Concat(AppArmorWords.Accesses.Where(denial.Access.Contains).Select(access => access switch
            {
                "read" => "r",
                "write" => "wlk",
                "map" => "m",
                _ => "x",
            }));
            foreach (string path in denial.Paths.Order(StringComparer.Ordinal))
            {
                text.Append($"  {Deny(denial.IsLogged)} \"{path}\" {letters},\n");
            }
        }

        void Allow(string[] paths, string letters)
        {
            foreach (string path in paths)
            {
                string had = allowed.GetValueOrDefault(path, "");
                allowed[path] = string.Concat("rwlkmi".Where(letter => had.Contains(letter) || letters.Contains(letter)));
            }
        }
    }

    private static void WriteNetwork(AppArmorDescription profile, StringBuilder text)
    {
        if (profile.Networks is not { } listed)
        {
            text.Append("  network,\n");
        }
        else
        {
            foreach (string network in listed.Order(StringComparer.Ordinal))
            {
                text.Append($"  network {network},\n");
            }
        }

        foreach (string network in profile.DeniedNetworks.Order(StringComparer.Ordinal))
        {
            text.Append($"  audit deny network {network},\n");
        }
    }

    private static void WriteSignals(AppArmorDescription profile, StringBuilder text)
    {
        foreach (string peer in s_engines.Concat(profile.SignalFrom.Select(Peer)).Distinct().Order(StringComparer.Ordinal))
        {
            text.Append($"  signal (receive) peer={peer},\n");
        }

        foreach (string peer in profile.SignalTo.Select(Peer).Order(StringComparer.Ordinal))
        {
            text.Append($"  signal (send) peer={peer},\n");
        }

        // Processes of one container, and of containers that share their processes, under any version of this profile. A stack of profiles has
        // both names in its label, sorted; the other profile of it needs rules of this kind as well.
        string own = Peer(profile.Name);
        text.Append($"  signal (send, receive) peer={own},\n  signal (send, receive) peer={own}//&*,\n  signal (send, receive) peer=*//&{own},\n");
    }

    private static void WritePtrace(AppArmorDescription profile, StringBuilder text)
    {
        string own = Peer(profile.Name);
        text.Append(profile.Ptrace switch
        {
            // In silence: the records of what ps reads in passing would bury the others.
            PtraceAccess.None => "  audit deny ptrace (trace, tracedby),\n  deny ptrace (read, readby),\n",
            PtraceAccess.Read => $"  audit deny ptrace (trace, tracedby),\n  ptrace (read, readby) peer={own},\n",
            _ => $"  ptrace (read, readby, trace, tracedby) peer={own},\n",
        });
    }

    // umount and pivot_root are denied by not being allowed: 'audit deny umount' makes apparmor_parser 3.0.8 give up mediating mounts altogether.
    private static void WriteMounts(AppArmorDescription profile, StringBuilder text)
    {
        if (profile.Mounts.Length == 0)
        {
            text.Append("  audit deny mount,\n");
        }

        foreach (MountRule mount in profile.Mounts)
        {
            // The kernel writes the place of a mount as a folder.
            string at = mount.At.EndsWith('/') ? mount.At : mount.At + "/";
            text.Append($"  mount fstype={mount.Type} -> \"{at}\",\n  umount \"{at}\",\n");
        }
    }

    private static string Deny(bool isLogged) => isLogged ? "audit deny" : "deny";

    // A description of ours stands for all of its versions.
    private static string Peer(string name)
        => name.StartsWith(AppArmorName.Prefix, StringComparison.Ordinal) && !AppArmorName.IsVersion(name) && !name.Contains('*') && !name.Contains('/')
            ? $"{name}-{new string('?', AppArmorName.DigestLength)}" : name;
}
