using System.Globalization;

namespace Runtime.Hardening.Seccomp.Tests.Inputs;

/// <summary>A profile as a list of rules, and its JSON.</summary>
internal sealed record ProfileText(string Default, uint? Errno, string[] Architectures, ProfileText.Rule[] Rules)
{
    public override string ToString()
        => Json(("defaultAction", Text(Default)), ("defaultErrnoRet", Number(Errno)), ("architectures", Architectures.Length == 0 ? null : List(Architectures.Select(Text))),
            ("syscalls", List(Rules.Select(static rule => rule.ToString()))));

    private static string Json(params (string Key, string? Value)[] members)
        => $"{{{string.Join(',', members.Where(static member => member.Value is not null).Select(static member => $"\"{member.Key}\":{member.Value}"))}}}";

    private static string List(IEnumerable<string> values) => $"[{string.Join(',', values)}]";

    private static string Text(string value) => $"\"{value}\"";

    private static string? Number(ulong? value) => value?.ToString(CultureInfo.InvariantCulture);

    internal sealed record Rule(string[] Names, string Action, uint? Errno, Condition[] Conditions)
    {
        public override string ToString()
            => Json(("names", List(Names.Select(Text))), ("action", Text(Action)), ("errnoRet", Number(Errno)), ("args", Conditions.Length == 0 ? null : List(Conditions.Select(static c => c.ToString()))));
    }

    internal sealed record Condition(int Index, string Op, ulong Value, ulong ValueTwo)
    {
        public override string ToString()
            => Json(("index", Number((ulong)Index)), ("value", Number(Value)), ("valueTwo", ValueTwo == 0 ? null : Number(ValueTwo)), ("op", Text(Op)));
    }
}
