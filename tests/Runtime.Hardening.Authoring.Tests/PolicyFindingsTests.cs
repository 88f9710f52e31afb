using Runtime.Hardening.Authoring.Findings;

namespace Runtime.Hardening.Authoring.Tests;

public class PolicyFindingsTests
{
    // The header of Lint.Header has four lines, so the spec begins in line 5.
    [Theory]
    [InlineData("  capabilites: {keep: []}", 5, 3, "unknown-field", "Did you mean 'capabilities'?")]
    [InlineData("  capabilities: {keep: [NET_BIND_SERVCE]}", 5, 25, "unknown-capability", "Did you mean 'NET_BIND_SERVICE'?")]
    [InlineData("  capabilities: {keep: [CAP_CHWON]}", 5, 25, "unknown-capability", "Did you mean 'CAP_CHOWN'?")]
    [InlineData("  capabilities: {keep: [ALL]}", 5, 25, "unknown-capability", "Leave 'capabilities' out")]
    [InlineData("  capabilities: {keep: CHOWN}", 5, 24, "wrong-type", "Expected a list of capabilities, but this is the text 'CHOWN'.")]
    [InlineData("  capabilities: [CHOWN]", 5, 17, "wrong-type", "Expected a mapping with keep, but this is a list.")]
    [InlineData("  noNewPrivileges: yes", 5, 20, "wrong-type", "Expected true or false, but this is the truth value yes.")]
    [InlineData("  noNewPrivileges: \"true\"", 5, 20, "wrong-type", "the text 'true'")]
    [InlineData("  noNewPrivileges:", 5, 19, "wrong-type", "but this is empty")]
    [InlineData("  rootFilesystem: readonly", 5, 19, "unknown-value", "Did you mean 'readOnly'?")]
    [InlineData("  mode: Enforce", 5, 9, "unknown-value", "Did you mean 'enforce'?")]
    [InlineData("  rlimits: {RLIMIT_NOFILES: 5}", 5, 13, "unknown-rlimit", "Did you mean 'RLIMIT_NOFILE'?")]
    [InlineData("  rlimits: {RLIMIT_NOFILE: -1}", 5, 28, "wrong-type", "from 0 to 18446744073709551615")]
    [InlineData("  rlimits: {RLIMIT_NOFILE: 1e3}", 5, 28, "wrong-type", "the number 1e3")]
    [InlineData("  rlimits: {RLIMIT_NOFILE: {soft: 9, hard: 5}}", 5, 35, "rlimit-order", "The soft limit 9 is above the hard limit 5.")]
    [InlineData("  rlimits: {RLIMIT_NOFILE: {soft: unlimited, hard: 5}}", 5, 35, "rlimit-order", "above the hard limit 5")]
    [InlineData("  rlimits: {RLIMIT_NOFILE: {soft: 9}}", 5, 28, "missing-field", "no 'hard'")]
    [InlineData("  rlimits: {RLIMIT_NOFILE: {sotf: 9, soft: 1, hard: 5}}", 5, 29, "unknown-field", "Did you mean 'soft'?")]
    [InlineData("  paths: {mask: [proc/x]}", 5, 18, "bad-path", "is relative")]
    [InlineData("  paths: {readOnly: [/]}", 5, 22, "bad-path", "rootFilesystem: readOnly")]
    [InlineData("  paths: {mask: [/proc/../etc]}", 5, 18, "bad-path", "'..' part")]
    [InlineData("  paths: {mask: [/proc/*]}", 5, 18, "bad-path", "globs have no meaning here")]
    [InlineData("  match: [{namespaces: [\"we[bx]\"]}]", 5, 25, "bad-glob", "brackets")]
    [InlineData("  match: [{namespaces: [\"!web\"]}]", 5, 25, "bad-glob", "no negation")]
    [InlineData("  match: [{namespaces: [\"\"]}]", 5, 25, "bad-glob", "is empty")]
    [InlineData("  match: [{namespaces: [\"a***b\"]}]", 5, 25, "bad-glob", "three stars")]
    [InlineData("  match: [{namespaces: [123]}]", 5, 25, "wrong-type", "Put it in quotes")]
    [InlineData("  match: [{namespace: [a]}]", 5, 12, "unknown-field", "Did you mean 'namespaces'?")]
    [InlineData("  match: [{namespaces: []}]", 5, 24, "empty-list", "would match nothing")]
    [InlineData("  match: []", 5, 10, "empty-list", "ambiguous")]
    [InlineData("  match: {namespaces: [a]}", 5, 10, "wrong-type", "Expected a list of clauses")]
    [InlineData("  match: [{engines: [dockr]}]", 5, 21, "unknown-engine", "Did you mean 'docker'?")]
    [InlineData("  match: [{containers: pause}]", 5, 24, "unknown-value", "workload, sandbox, all")]
    [InlineData("  match: [{annotations: {\"a*\": b}}]", 5, 26, "bad-annotation", "exact key")]
    [InlineData("  require: {mounts: {denySources: [etc]}}", 5, 36, "bad-glob", "not absolute")]
    [InlineData("  require: {hostNamespaces: {deny: [net]}}", 5, 37, "unknown-value", "network")]
    [InlineData("  require: {user: {nonroot: true}}", 5, 20, "unknown-field", "Did you mean 'nonRoot'?")]
    [InlineData("  require: {privileged: true}", 5, 25, "wrong-type", "Expected a mapping with deny, otherwise")]
    [InlineData("  seccomp: {profile: ../../etc/shadow}", 5, 22, "bad-name", "A path or file ending does not belong here")]
    [InlineData("  seccomp: {profile: restrictd}", 5, 22, "missing-profile", "Did you mean 'restricted'?")]
    [InlineData("  seccomp: {profile: restricted, log: true}", 5, 34, "not-supported", "'spec.seccomp.log' is not supported by this version")]
    [InlineData("  rollout: {percent: 25}", 5, 3, "not-supported", "'spec.rollout' is not supported by this version")]
    [InlineData("  resources: {pidsMax: 0}", 5, 24, "wrong-type", "from 1 to 4194304, but this is the number 0.")]
    [InlineData("  resources: {pidsMax: -1}", 5, 24, "wrong-type", "from 1 to 4194304")]
    [InlineData("  resources: {pidsMax: 4194305}", 5, 24, "wrong-type", "from 1 to 4194304")]
    [InlineData("  resources: {pidsMax: \"512\"}", 5, 24, "wrong-type", "the text '512'. Take the quotes away.")]
    [InlineData("  resources: {memoryMax: 8Ei}", 5, 26, "wrong-type", "less than 8Ei, but this is the text '8Ei'.")]
    [InlineData("  resources: {memoryMax: 512}", 5, 26, "memory-too-small", "Is the unit missing?")]
    [InlineData("  resources: {memoryMax: 512m}", 5, 26, "wrong-type", "like 512Mi")]
    [InlineData("  resources: {memoryMax: 512MiB}", 5, 26, "wrong-type", "like 512Mi")]
    [InlineData("  resources: {memoryMax: 1e9}", 5, 26, "wrong-type", "the number 1e9")]
    [InlineData("  resources: {memoryMax: 0.3Ki}", 5, 26, "wrong-type", "like 512Mi")]
    [InlineData("  resources: {memoryMax: -1}", 5, 26, "wrong-type", "like 512Mi")]
    [InlineData("  resources: {memoryMax: 8Ei}", 5, 26, "wrong-type", "like 512Mi")]
    [InlineData("  resources: {memoryMax: unlimited}", 5, 26, "wrong-type", "like 512Mi")]
    [InlineData("  resources: {cpuMax: 0}", 5, 23, "wrong-type", "from 0.01 to 1000")]
    [InlineData("  resources: {cpuMax: 9m}", 5, 23, "wrong-type", "from 0.01 to 1000")]
    [InlineData("  resources: {cpuMax: 0.0105}", 5, 23, "wrong-type", "in steps of 0.001")]
    [InlineData("  resources: {cpuMax: 1500.5m}", 5, 23, "wrong-type", "in steps of 0.001")]
    [InlineData("  resources: {cpuMax: 1001}", 5, 23, "wrong-type", "to 1000")]
    [InlineData("  resources: {memorySwap: -1}", 5, 15, "unknown-field", "pidsMax, memoryMax, cpuMax")]
    [InlineData("  resources: {pidMax: 5}", 5, 15, "unknown-field", "Did you mean 'pidsMax'?")]
    [InlineData("  resources: 5", 5, 14, "wrong-type", "Expected a mapping with pidsMax, memoryMax, cpuMax")]
    [InlineData("  watch: true", 5, 3, "not-supported", "'spec.watch' is not supported by this version")]
    [InlineData("  apparmor: {profile: unconfined}", 5, 23, "apparmor-unconfined", "a policy never loosens")]
    [InlineData("  extends: [restrictd]", 5, 13, "unknown-base", "Did you mean 'restricted'?")]
    [InlineData("  extends: [../x]", 5, 13, "unknown-base", "no policy or base '../x'")]
    [InlineData("  extends: [p]", 5, 13, "extends-cycle", "p -> p")]
    [InlineData("  mode: audit\n  mode: off", 6, 3, "duplicate-key", "first in line 5")]
    [InlineData("  <<: {mode: audit}", 5, 3, "merge-key", "Merge keys")]
    [InlineData("  onError: ignore", 5, 12, "unknown-value", "refuse, passThrough")]
    public void AMistakeIsReportedAtItsPlace(string spec, int line, int column, string code, string part)
    {
        (_, LintReport report) = Lint.Texts(Lint.Header + spec + "\n");
        LintFinding finding = Assert.Single(report.Findings, f => f.Severity == LintSeverity.Error);
        Assert.Equal((line, column, code), (finding.Location.Line, finding.Location.Column, finding.Code));
        Assert.Contains(part, finding.Message, StringComparison.Ordinal);
        Assert.EndsWith("a.yaml", finding.Location.File, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: Policy\nmetadata: {name: p}\nspec: {mode: audit}", "missing-field", "apiVersion: hardening/v1")]
    [InlineData("apiVersion: hardening/v2\nkind: Policy\nmetadata: {name: p}\nspec: {mode: audit}", "unknown-value", "hardening/v1")]
    [InlineData("apiVersion: hardening/v1\nkind: Polcy\nmetadata: {name: p}\nspec: {mode: audit}", "unknown-value", "Did you mean 'Policy'?")]
    [InlineData("apiVersion: hardening/v1\nkind: Exemption\nmetadata: {name: p}\nspec: {}", "kind-not-supported", "not handled by this version")]
    [InlineData("apiVersion: hardening/v1\nkind: PolicyTest\nmetadata: {name: p}\nspec: {}", "kind-not-supported", "not handled by this version")]
    [InlineData("apiVersion: hardening/v1\nkind: Policy\nmetadata: {name: Web_Tier}\nspec: {mode: audit}", "bad-name", "DNS label")]
    [InlineData("apiVersion: hardening/v1\nkind: Policy\nmetadata: {}\nspec: {mode: audit}", "missing-field", "no name")]
    [InlineData("apiVersion: hardening/v1\nkind: Policy\nspec: {mode: audit}", "missing-field", "no 'metadata'")]
    [InlineData("apiVersion: hardening/v1\nkind: Policy\nmetadata: {name: p}", "missing-field", "no 'spec'")]
    [InlineData("apiVersion: hardening/v1\nkind: Policy\nmetadata: {name: p, labels: {}}\nspec: {mode: audit}", "unknown-field", "'labels'")]
    [InlineData("- a\n- b", "wrong-type", "but this is a list")]
    public void AWrongHeaderIsReported(string text, string code, string part)
    {
        (_, LintReport report) = Lint.Texts(text);
        LintFinding finding = Assert.Single(report.Findings, f => f.Severity == LintSeverity.Error);
        Assert.Equal(code, finding.Code);
        Assert.Contains(part, finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AllMistakesAreReportedAtOnceInTheOrderOfTheirPlaces()
    {
        (_, LintReport report) = Lint.Texts(Lint.Header + "  mode: of\n  capabilities: {keep: [A_B, CHOWN, C_D]}\n  paths: {mask: [x]}\n", "kind: Policy\n: [");
        Assert.Equal(
            ["5:unknown-value", "6:unknown-capability", "6:unknown-capability", "7:bad-path"],
            report.Findings.Where(f => f.Location.File.EndsWith("a.yaml", StringComparison.Ordinal)).Select(f => $"{f.Location.Line}:{f.Code}"));
        Assert.Contains(report.Findings, f => f.Location.File.EndsWith("b.yaml", StringComparison.Ordinal) && f.Code == "yaml-syntax");
    }

    [Fact]
    public void TwoPoliciesOfOneNameAreAnErrorThatNamesBothPlaces()
    {
        (_, LintReport report) = Lint.Texts(Lint.Policy("web", "  mode: audit"), Lint.Policy("web", "  mode: off"));
        LintFinding finding = Assert.Single(report.Findings, f => f.Code == "duplicate-policy");
        Assert.EndsWith("b.yaml:3:18", finding.Location.ToString(), StringComparison.Ordinal);
        Assert.Contains("a.yaml:3:18", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JsonIsAcceptedAsYaml()
    {
        PolicySet set = Lint.Clean("{\n\t\"apiVersion\": \"hardening/v1\", \"kind\": \"Policy\",\n\t\"metadata\": {\"name\": \"p\"}, \"spec\": {\"noNewPrivileges\": true}\n}");
        Assert.Equal("p", Assert.Single(set.Policies).Document.Name);
    }
}
