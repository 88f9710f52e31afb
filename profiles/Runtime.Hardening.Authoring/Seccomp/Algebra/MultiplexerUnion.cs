using Runtime.Hardening.Profiles.Seccomp;

namespace Runtime.Hardening.Authoring.Seccomp;

/// <summary>
/// socketcall and ipc under a union: a rule of their own hides what libseccomp copies to them from the calls behind them, so it must be as loose as all of
/// those are.
/// </summary>
internal sealed class MultiplexerUnion
{
    private readonly Dictionary<string, SeccompResult> _results = [];
    private readonly HashSet<string> _atDefault = [];

    public MultiplexerUnion(SeccompProfile a, SeccompProfile b, SeccompResult unionDefault)
    {
        foreach (string multiplexer in (string[])[MultiplexedCall.Socket, MultiplexedCall.Ipc])
        {
            if (a.Outcomes.ContainsKey(multiplexer) || b.Outcomes.ContainsKey(multiplexer))
            {
                SeccompResult loosest = SeccompResult.Loosest(Loosest(a, multiplexer), Loosest(b, multiplexer));
                _results.Add(multiplexer, loosest);
                if (loosest == unionDefault)
                {
                    _atDefault.Add(multiplexer);
                }
            }
        }
    }

    /// <summary>Whether it is a multiplexer of which a profile speaks; then also what the union does with it.</summary>
    public bool Decides(string name, out SeccompResult result) => _results.TryGetValue(name, out result);

    /// <summary>
    /// Whether denials of the call may stand in the union. They may not where its multiplexer is to be answered by the default: no rule can say that, and
    /// the copies of the denials would be tighter.
    /// </summary>
    public bool KeepsDenials(string name) => !(MultiplexedCall.All.TryGetValue(name, out (string Multiplexer, uint SubCall) call) && _atDefault.Contains(call.Multiplexer));

    private static SeccompResult Loosest(SeccompProfile profile, string multiplexer)
    {
        NumberRules rules = MultiplexedCall.RulesOf(multiplexer, profile, 64);
        SeccompResult loosest = rules.Always?.Result ?? profile.Default;
        // A mask without a lower half always holds in 32 bits, so a conditional rule may be the only one there.
        foreach (SeccompDecider rule in rules.Conditional.Concat(MultiplexedCall.RulesOf(multiplexer, profile, 32).Conditional))
        {
            loosest = SeccompResult.Loosest(loosest, rule.Result);
        }

        return MultiplexedCall.RulesOf(multiplexer, profile, 32).Always is { } always ? SeccompResult.Loosest(loosest, always.Result) : loosest;
    }
}
