using System.Globalization;
using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using Runtime.Hardening.Authoring.Findings;
using Runtime.Hardening.Authoring.Json;
using Runtime.Hardening.Authoring.Seccomp.Checks;
using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp.Kubernetes;

/// <summary>Writes an OCI profile as a SeccompProfile resource. What the resource cannot say is an error: a profile that means something else is no conversion.</summary>
internal sealed class KubernetesWriter
{
    private const uint Eperm = 1;

    private readonly ProfileDocument _profile;
    private readonly LintReport _report;
    private readonly StringBuilder _text = new();

    private KubernetesWriter(ProfileDocument profile, LintReport report) => (_profile, _report) = (profile, report);

    /// <summary>The YAML; complete only when the report has no errors.</summary>
    public static string Write(ProfileDocument profile, string name, string version, LintReport report)
    {
        KubernetesWriter writer = new(profile, report);
        writer.Check();
        writer.Head(name, version);
        writer.Spec();
        return writer._text.ToString();
    }

    private void Check()
    {
        if (_profile.Default is { Action: SeccompAction.Errno, Errno: not Eperm })
        {
            _report.Warning("approximated", _profile.Json["defaultErrnoRet"]!.Place(),
                $"The resource has no defaultErrnoRet, and its default is EPERM. Every call of {SyscallTable.Source} that no entry names got an entry with {_profile.Default} instead; newer calls, and those whose conditions do not hold, answer EPERM.");
        }
        else if (_profile.Default is { TakesErrno: true, Errno: not Eperm })
        {
            _report.Error("not-expressible", _profile.Json["defaultErrnoRet"]!.Place(), $"The resource has no defaultErrnoRet, so its default would be another than {_profile.Default}. Choose another default.");
        }

        foreach (JProperty member in _profile.Json.Properties().Where(static p => p.Name is not (ProfileWords.Remarks or "defaultErrnoRet") && !KubernetesProfile.SpecFields.Contains(p.Name)))
        {
            _report.Warning("not-expressible", member.Place(), $"'{member.Name}' is nothing that the resource has. It is left out.");
        }

        foreach (ProfileRule rule in _profile.Rules)
        {
            if (rule.Result is { TakesErrno: true, Errno: 0 })
            {
                _report.Error("not-expressible", rule.Json["errnoRet"]!.Place(), "The resource takes 'errnoRet: 0' for none, which is EPERM. Give another errno.");
            }

            for (int i = 0; i < rule.Conditions.Count; i++)
            {
                if (Math.Max(rule.Conditions[i].Value, rule.Conditions[i].ValueTwo) > long.MaxValue)
                {
                    _report.Error("not-expressible", rule.Json["args"]![i]!.Place(), $"The resource holds values up to {long.MaxValue}. Compare with a smaller one.");
                }
            }
        }
    }

    private void Head(string name, string version)
    {
        foreach (string line in _profile.Texts(ProfileWords.Remarks))
        {
            _text.Append("# ").Append(string.Concat(line.Select(static c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c))).Append('\n');
        }

        Line(0, $"apiVersion: {KubernetesProfile.Group}{version}");
        Line(0, $"kind: {KubernetesProfile.Kind}");
        Line(0, "metadata:");
        Line(2, $"name: {Scalar(name)}");
    }

    private void Spec()
    {
        Line(0, "spec:");
        Line(2, $"defaultAction: {(string?)_profile.Json["defaultAction"]}");
        Words("architectures");
        Words("flags");
        foreach (string field in (string[])["listenerPath", "listenerMetadata"])
        {
            if (_profile.Json[field] is JValue { Value: string text })
            {
                Line(2, $"{field}: {Scalar(text)}");
            }
        }

        ProfileRule[] rules = [.. _profile.Rules.Append(Remaining()).OfType<ProfileRule>()
            .Where(r => r.Names.Count > 0 && r.Result != Default)];   // the resource takes no entry without names, and runtimes none that repeats the default
        if (rules.Length > 0)
        {
            Line(2, "syscalls:");
        }

        foreach (ProfileRule rule in rules)
        {
            Rule(rule);
        }
    }

    // The resource's own, which has no errno.
    private SeccompResult Default => _profile.Default.Action == SeccompAction.Errno ? new SeccompResult(SeccompAction.Errno, Eperm) : _profile.Default;

    // What the default answers, in an entry of its own, where the resource's default would answer something else.
    private ProfileRule? Remaining()
    {
        if (_profile.Default is not { Action: SeccompAction.Errno, Errno: not Eperm })
        {
            return null;
        }

        JObject entry = new(new JProperty("action", _profile.Default.ActionText()), new JProperty("errnoRet", _profile.Default.Errno));
        string[] names = [.. SyscallTable.Names.Except(_profile.Rules.SelectMany(static r => r.Names).Select(static n => n.Name)).Order(StringComparer.Ordinal)];
        return new ProfileRule(entry, [.. names.Select(static n => new PlacedName(n, default))], _profile.Default, [], default);
    }

    private void Words(string field)
    {
        string[] words = [.. _profile.Texts(field).Distinct()];
        if (words.Length > 0)
        {
            Line(2, $"{field}:");
        }

        foreach (string word in words)
        {
            Line(4, $"- {Scalar(word)}");
        }
    }

    private void Rule(ProfileRule rule)
    {
        Line(4, $"- action: {(string?)rule.Json["action"]}");
        if (rule.Json["errnoRet"] is { Type: not JTokenType.Null })
        {
            Line(6, string.Create(CultureInfo.InvariantCulture, $"errnoRet: {rule.Result.Errno}"));
        }

        Line(6, "names:");
        foreach (string name in rule.Names.Select(static n => n.Name).Distinct())
        {
            Line(6, $"- {Scalar(name)}");
        }

        if (rule.Conditions.Count > 0)
        {
            Line(6, "args:");
        }

        foreach (SeccompCondition condition in rule.Conditions)
        {
            Line(6, string.Create(CultureInfo.InvariantCulture, $"- index: {condition.Index}"));
            Line(8, string.Create(CultureInfo.InvariantCulture, $"value: {condition.Value}"));
            if (condition.ValueTwo != 0)
            {
                Line(8, string.Create(CultureInfo.InvariantCulture, $"valueTwo: {condition.ValueTwo}"));
            }

            Line(8, $"op: {condition.Op}");
        }
    }

    private void Line(int indent, string text) => _text.Append(' ', indent).Append(text).Append('\n');

    // Plain where no reader of YAML could take it for anything but a text; else as JSON, which is YAML.
    private static string Scalar(string text)
        => text.Length > 1 && char.IsAsciiLetter(text[0]) && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/')
            && text.ToUpperInvariant() is not ("TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "NULL")
            ? text
            : JsonConvert.ToString(text);
}
