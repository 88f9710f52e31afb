namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>The policies that the tests apply, as a platform team would write them.</summary>
public static class Policies
{
    /// <summary>Hardens everything in matching containerd namespaces, root included.</summary>
    public static string Hardened(string engineNamespace, string name = "hardened") => $$"""
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: {{name}} }
        spec:
          match: [ { engineNamespaces: ["{{engineNamespace}}"] } ]
          extends: [restricted]
          capabilities: { keep: [NET_BIND_SERVICE] }
          rootFilesystem: readOnly
          require: { user: { nonRoot: true, otherwise: report } }
        """;

    /// <summary>Refuses containers that run as root.</summary>
    public static string NoRoot(string engineNamespace) => $$"""
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: no-root }
        spec:
          match: [ { engineNamespaces: ["{{engineNamespace}}"] } ]
          require: { user: { nonRoot: true, otherwise: refuse } }
        """;

    /// <summary>Hardens every container, whatever engine or namespace it comes from.</summary>
    public const string Everything = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: everything }
        spec:
          extends: [restricted]
          capabilities: { keep: [] }
          require: { user: { nonRoot: true, otherwise: report } }
        """;

    /// <summary>Hardens every container but sandboxes.</summary>
    public const string Workloads = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: workloads }
        spec:
          match: [ { containers: workload } ]
          extends: [restricted]
          capabilities: { keep: [] }
          require: { user: { nonRoot: true, otherwise: report } }
        """;

    /// <summary>Matches containers with an annotation, and asks for little.</summary>
    public static string Annotated(string name, string value) => $$"""
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: annotated }
        spec:
          match: [ { containers: all, annotations: { "{{name}}": "{{value}}" } } ]
          noNewPrivileges: true
        """;

    /// <summary>Refuses every container that runs as root.</summary>
    public const string NoRootAnywhere = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: no-root }
        spec:
          require: { user: { nonRoot: true, otherwise: refuse } }
        """;

    /// <summary>Bounds what every container may use, and nothing else.</summary>
    public const string Bounded = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: bounded }
        spec:
          resources: { pidsMax: 64, memoryMax: 64Mi, cpuMax: 0.5 }
        """;

    /// <summary>Matches nothing that the tests start.</summary>
    public const string Elsewhere = """
        apiVersion: hardening/v1
        kind: Policy
        metadata: { name: elsewhere }
        spec:
          match: [ { hostnames: ["no-such-host"] } ]
          noNewPrivileges: true
        """;
}
