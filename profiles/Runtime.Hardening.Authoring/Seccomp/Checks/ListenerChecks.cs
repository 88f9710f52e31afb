using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>What needs a partner outside of the profile: flags of the runtime's version, and a listener that answers for calls.</summary>
internal static class ListenerChecks
{
    public static void Run(ProfileDocument document, SeccompUse use, LintReport report)
    {
        JObject profile = document.Json;
        if (use == SeccompUse.Policy)
        {
            Unusable(profile, "flags", "runc below 1.2 starts no container with any flag. Remove it.", report);
            Unusable(profile, "listenerPath", "no action of a policy notifies a listener. Remove it.", report);
            Unusable(profile, "listenerMetadata", "no action of a policy notifies a listener. Remove it.", report);
        }
        else if (profile["flags"] is JArray { Count: > 0 } flags)
        {
            report.Warning("flags", flags.Place(), "runc below 1.2 starts no container with any flag. Remove it where such a runtime may get the profile.");
        }

        Notify(document, use, report);
    }

    private static void Notify(ProfileDocument document, SeccompUse use, LintReport report)
    {
        if (document.Default.Action == SeccompAction.Notify)
        {
            report.Error("notify-default", document.Json["defaultAction"]!.Place(),
                "The default hands every call to a listener, that of the listener's own set-up too: runc refuses it. Name the calls that it shall get.");
        }

        ProfileRule[] rules = [.. document.Rules.Where(static r => r.Result.Action == SeccompAction.Notify)];
        foreach (ProfileRule rule in rules)
        {
            SourceLocation place = rule.Json["action"]!.Place();
            if (use == SeccompUse.Policy)
            {
                report.Error("not-supported", place, "A policy cannot hand calls to a listener. Choose another action.");
            }

            foreach (PlacedName name in rule.Names.Where(static n => n.Name == "write"))
            {
                report.Error("notify-write", name.Location, "'write' cannot be handed to a listener: the runtime needs it itself to pass the listener's descriptor on, and runc refuses it. Take it out.");
            }

            foreach (PlacedName name in rule.Names.Where(static n => n.Name is "execve" or "close" or "openat"))
            {
                report.Warning("notify-floor", name.Location, $"'{name.Name}' is what the runtime itself calls after the filter is loaded: a container waits for the listener before its program starts.");
            }
        }

        if (use == SeccompUse.Policy)
        {
            return;
        }

        JToken? path = document.Json["listenerPath"] is { Type: not JTokenType.Null } given ? given : null;
        if (rules.Length > 0 && path is null)
        {
            report.Error("notify-without-listener", rules[0].Json["action"]!.Place(),
                "There is no 'listenerPath': runc refuses the profile, and under crun the call answers ENOSYS. Add the socket of the listener.");
        }
        else if (rules.Length == 0 && path is not null)
        {
            report.Warning("listener-unused", path.Place(), "No rule notifies the listener, and crun starts no container when its socket is missing. Remove 'listenerPath'.");
        }
    }

    private static void Unusable(JObject profile, string field, string why, LintReport report)
    {
        if (profile[field] is { Type: not JTokenType.Null } token && token is not JArray { Count: 0 })
        {
            report.Error("not-supported", token.Place(), $"The profile has '{field}', but {why}");
        }
    }
}
