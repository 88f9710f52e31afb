using System.Text;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;

namespace Runtime.Hardening.Authoring.Seccomp.Recording;

/// <summary>
/// Reads a recording in JSON. One document: <c>{"recording":1,"architecture":"SCMP_ARCH_X86_64","syscalls":[{"name":"read","count":12}]}</c>. Or a line each:
/// <c>{"name":"read","count":12}</c>, where the first line may be the document without its list. A name alone counts as seen once; a number stands for the call of that
/// number. An OCI profile stands for what it allows, because that is how some recorders write down what they saw.
/// </summary>
internal static class JsonRecording
{
    public static void Read(ReadOnlySpan<byte> utf8, string text, RecordedCalls calls)
    {
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries);
        if (lines.Count(static l => l.Length > 0) > 1 && Array.Find(lines, static l => l.Length > 0) is { } first && first[0] == '{' && first[^1] == '}')
        {
            for (int i = 0; i < lines.Length; i++)
            {
                if (lines[i].Length > 0 && JsonTree.Read(calls.File, Encoding.UTF8.GetBytes(lines[i]), calls.Report, i + 1) is { } line)
                {
                    Entry(line, calls);
                }
            }
        }
        else if (JsonTree.Read(calls.File, utf8, calls.Report) is { } document)
        {
            Document(document, calls);
        }
    }

    private static void Document(JToken document, RecordedCalls calls)
    {
        if (document is JArray list)
        {
            Each(list, calls);
        }
        else if (((JObject)document).ContainsKey("defaultAction"))
        {
            foreach (PlacedName name in ProfileForm.Check(calls.File, document, ProfileDialect.Oci, calls.Report)?.Rules.Where(static r => r.Allows).SelectMany(static r => r.Names) ?? [])
            {
                calls.Add(name.Name, 1, name.Location);
            }
        }
        else
        {
            Entry(document, calls);
        }
    }

    private static void Entry(JToken token, RecordedCalls calls)
    {
        FormReader form = new(calls.Report);
        if (token is JValue)
        {
            Call(token, 1, form, calls);
            return;
        }

        if (token is not JObject entry)
        {
            form.WrongType(token, "an object with name and count");
            return;
        }

        form.Number(entry, "recording", 1);
        if (entry["architecture"] is { } architecture && form.OneOf(architecture, [.. SyscallTable.Architectures.Select(static a => a.Name)]))
        {
            calls.Architecture = SyscallTable.Find((string)architecture!)!;
        }

        if (entry["name"] is { } name)
        {
            Call(name, form.Number(entry, "count", ulong.MaxValue) ?? 1, form, calls);
        }
        else if (entry["syscalls"] is not null)
        {
            Each(form.List(entry, "syscalls"), calls);
        }
        else if (!entry.ContainsKey("recording"))
        {
            form.Missing(entry, "name", ": the system call, or 'syscalls' with a list of them");
        }
    }

    private static void Each(JArray list, RecordedCalls calls)
    {
        foreach (JToken item in list)
        {
            Entry(item, calls);
        }
    }

    private static void Call(JToken token, ulong count, FormReader form, RecordedCalls calls)
    {
        if (token is JValue { Value: ulong } number)
        {
            calls.Add(number.ToCompactText(), count, token.Place());
        }
        else if (form.Text(token, "the name of a system call, or its number") is { } text)
        {
            calls.Add(text, count, token.Place());
        }
    }
}
