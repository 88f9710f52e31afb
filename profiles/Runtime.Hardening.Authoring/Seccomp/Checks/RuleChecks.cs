using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Seccomp.Checks;

/// <summary>
/// Rules of one profile that do not do what they seem to: in one libseccomp filter the first unconditional rule for a call wins, not the strictest one, an
/// unconditional rule swallows the conditional ones, and a rule that repeats the default is dropped by the runtimes.
/// </summary>
internal static class RuleChecks
{
    public static void Run(ProfileDocument document, LintReport report)
    {
        foreach (ProfileRule rule in document.Rules.Where(r => r.Result == document.Default))
        {
            report.Warning("rule-is-default", rule.Location, $"The entry does what the default does ({rule.Result}), so runtimes drop it: it overrides nothing. Remove it.");
        }

        RulePairs pairs = new();
        IEnumerable<(PlacedName At, ProfileRule Rule)> all = document.Rules.SelectMany(static rule => rule.Names.Select(name => (name, rule)));
        foreach (IGrouping<string, (PlacedName At, ProfileRule Rule)> call in all.GroupBy(static r => r.At.Name, StringComparer.Ordinal))
        {
            if (call.Skip(1).Any())
            {
                Check(document, [.. call], pairs, report);
            }
        }

        if (pairs.FirstLeftOut is { } left)
        {
            report.Warning("not-compared", left.Location,
                "So many entries with conditions stand for the same calls that not all of them were compared with each other, from this one on. Join them, or leave some out.");
        }
    }

    private static void Check(ProfileDocument document, (PlacedName At, ProfileRule Rule)[] rules, RulePairs pairs, LintReport report)
    {
        (PlacedName At, ProfileRule Rule)? swallows = rules.Cast<(PlacedName At, ProfileRule Rule)?>()
            .FirstOrDefault(r => r!.Value.Rule.Conditions.Count == 0 && r.Value.Rule.Result != document.Default);
        for (int i = 0; i < rules.Length; i++)
        {
            (PlacedName at, ProfileRule rule) = rules[i];
            if (swallows is { } unconditional && rule.Conditions.Count > 0)
            {
                report.Error("condition-swallowed", at.Location,
                    $"'{at.Name}' has conditions here and none in line {unconditional.At.Location.Line}. The rule without conditions wins and these are dropped: keep one of them.");
                continue;
            }

            for (int earlier = 0; earlier < i; earlier++)
            {
                if (Compare(document, rules[earlier], rules[i], pairs, report))
                {
                    break;   // one finding a rule is enough
                }
            }
        }
    }

    private static bool Compare(ProfileDocument document, (PlacedName At, ProfileRule Rule) first, (PlacedName At, ProfileRule Rule) second, RulePairs pairs, LintReport report)
    {
        (PlacedName at, ProfileRule rule) = second;
        int line = first.At.Location.Line;
        RulePair pair = pairs.Of(first.Rule, rule);
        bool isSame = pair == RulePair.Same;
        bool agree = first.Rule.Result == rule.Result;
        if (isSame && agree)
        {
            report.Warning("rule-repeated", at.Location, $"'{at.Name}' stands in line {line} already, with the same effect. Remove it here.");
        }
        else if (isSame)
        {
            string effect = first.Rule.Result == document.Default || rule.Result == document.Default ? "runtimes drop the one that repeats the default, wherever it stands"
                : rule.Conditions.Count == 0 ? "the first one wins"
                : "no container starts with that";
            report.Error("rules-contradict", at.Location, $"'{at.Name}' is {rule.Result} here and {first.Rule.Result} in line {line}: {effect}. Keep one of them.");
        }
        else if (rule.Conditions.Count == 0 || first.Rule.Conditions.Count == 0)
        {
            return false;   // one of them repeats the default, which has been said
        }
        else if (agree && pair == RulePair.SecondImpliesFirst)
        {
            report.Warning("rule-dead", at.Location, $"Whatever satisfies these conditions on '{at.Name}' satisfies those in line {line}, which do the same. Remove it here.");
        }
        else if (agree && pair == RulePair.FirstImpliesSecond)
        {
            report.Warning("rule-dead", first.At.Location, $"Whatever satisfies these conditions on '{at.Name}' satisfies those in line {at.Location.Line}, which do the same. Remove it here.");
        }
        else if (!agree && pair is not (RulePair.Exclude or RulePair.Unknown) && first.Rule.Result != document.Default && rule.Result != document.Default)
        {
            report.Warning("rules-overlap", at.Location,
                $"These conditions on '{at.Name}' and those in line {line} can hold together, and libseccomp chooses which is asked first ({rule.Result} or {first.Rule.Result}). Make them exclude each other.");
        }
        else
        {
            return false;
        }

        return true;
    }
}
