using System.Globalization;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Json;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>The form of what Docker's format adds: archMap, and entries that depend on the container and the host.</summary>
internal static class DockerForm
{
    public static void CheckRoot(JObject profile, FormReader form)
    {
        form.SecondSpellings(profile, ProfileWords.DockerRootFields);
        JArray map = form.List(profile, "archMap");
        if (map.Count > 0 && profile["architectures"] is JArray { Count: > 0 } list)
        {
            form.Report.Error("two-architecture-lists", list.Place(), "'architectures' and 'archMap' both stand here, and Docker refuses that. Keep one of them.");
        }

        if (profile["defaultErrno"] is { } errno && profile["defaultErrnoRet"] is null)
        {
            form.Report.Error("errno-by-name", errno.Place(), "'defaultErrno' is read by Podman alone; everything else would answer EPERM. Add 'defaultErrnoRet' with the number.");
        }

        foreach (JToken token in map)
        {
            if (token is JObject entry)
            {
                form.SecondSpellings(entry, ProfileWords.ArchMapFields);
                form.Word(entry, "architecture", ProfileWords.Architectures, required: true);
                foreach (JToken architecture in form.List(entry, "subArchitectures"))
                {
                    form.OneOf(architecture, ProfileWords.Architectures);
                }
            }
            else
            {
                form.WrongType(token, "an object with architecture and subArchitectures");
            }
        }
    }

    public static void CheckRule(JObject entry, FormReader form)
    {
        if (entry["name"] is { Type: not JTokenType.Null } name && entry["names"] is JArray { Count: > 0 })
        {
            form.Report.Error("two-name-fields", name.Place(), "'name' and 'names' both stand here, and Docker refuses that. Keep 'names'.");
        }

        if (entry["errno"] is { } errno && entry["errnoRet"] is null)
        {
            form.Report.Error("errno-by-name", errno.Place(), "'errno' is read by Podman alone; everything else would answer EPERM. Add 'errnoRet' with the number.");
        }

        Filter(entry, "includes", form);
        Filter(entry, "excludes", form);
    }

    private static void Filter(JObject entry, string field, FormReader form)
    {
        if (entry[field] is not { Type: not JTokenType.Null } token)
        {
            return;
        }

        if (token is not JObject filter)
        {
            form.WrongType(token, "an object with caps, arches or minKernel");
            return;
        }

        form.SecondSpellings(filter, ProfileWords.FilterFields);
        foreach (JToken item in form.List(filter, "caps").Concat(form.List(filter, "arches")))
        {
            form.Text(item, "a name");
        }

        if (filter["minKernel"] is { Type: not JTokenType.Null } kernel && form.Text(kernel, "a kernel version like \"5.10\"") is { } text && ParseKernel(text) is null)
        {
            form.WrongType(kernel, "a kernel version like \"5.10\": two numbers up to 255, and no more");
        }
    }

    /// <summary>As Docker reads it: two numbers of eight bits, not both 0.</summary>
    public static (uint Kernel, uint Major)? ParseKernel(string text)
        => text.Split('.') is [{ } first, { } second]
            && byte.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out byte kernel)
            && byte.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out byte major)
            && kernel + major > 0
            ? (kernel, major)
            : null;
}
