using System.Text;
using Runtime.Hardening.Profiles.Facts;
using Runtime.Hardening.Profiles.Spec;

namespace Runtime.Hardening.Profiles.Tests.Facts;

public sealed class FactsReaderTests
{
    private const string Cri = """
        "io.kubernetes.cri.sandbox-name":"front-0","io.kubernetes.cri.sandbox-namespace":"web-1","io.kubernetes.cri.sandbox-id":"s"
        """;

    // Annotations as each engine writes them, the root it gives, and what is known then: engine, its namespace, pod namespace, pod, name, image, sandbox.
    [Theory]
    [InlineData(Cri + ""","io.kubernetes.cri.container-type":"container","io.kubernetes.cri.container-name":"app","io.kubernetes.cri.image-name":"r/a:1" """, "/run/containerd/runc/k8s.io", "containerd|k8s.io|web-1|front-0|app|r/a:1|False")]
    [InlineData(Cri + ""","io.kubernetes.cri.container-type":"sandbox","io.kubernetes.cri.podsandbox.image-name":"pause:3" """, "/run/containerd/runc/k8s.io/", "containerd|k8s.io|web-1|front-0||pause:3|True")]
    [InlineData(""" "io.container.manager":"cri-o","io.kubernetes.cri-o.ContainerType":"container","io.kubernetes.pod.name":"p","io.kubernetes.pod.namespace":"n","io.kubernetes.container.name":"c","io.kubernetes.cri-o.ImageName":"i" """, "/run/runc", "cri-o||n|p|c|i|False")]
    [InlineData(""" "io.container.manager":"cri-o","io.kubernetes.cri-o.ContainerType":"sandbox","io.kubernetes.cri-o.KubeName":"p","io.kubernetes.cri-o.Namespace":"n" """, "/run/runc", "cri-o||n|p|||True")]
    [InlineData(""" "io.container.manager":"libpod" """, "", "podman||||||False")]
    [InlineData("", "/run/docker/runtime-runc/moby", "docker|moby|||||False")]
    [InlineData(""" "nerdctl/name":"web","nerdctl/namespace":"default" """, "/run/containerd/runc/default", "containerd|default|||web||False")]
    [InlineData("", "/run/containerd/runc/default", "containerd|default|||||False")]
    [InlineData("", "/run/runc", "unknown||||||False")]
    public void EachEngineSaysWhatItSays(string annotations, string root, string expected)
        => Assert.Equal(expected, Read(annotations, root));

    [Fact]
    public void WhatAPodsAuthorWritesUnderContainerdsNamesSaysNothingToCriO()
    {
        // CRI-O copies a pod's annotations, whatever their names, and then writes its own and the kubelet's.
        const string Forged = """
            "io.kubernetes.cri.container-type":"sandbox","io.kubernetes.cri.sandbox-namespace":"kube-system","io.kubernetes.cri.sandbox-name":"trusted",
            "io.kubernetes.cri.container-name":"trusted","io.kubernetes.cri.image-name":"trusted","io.kubernetes.cri.podsandbox.image-name":"trusted","nerdctl/name":"trusted"
            """;
        const string Own = """
            "io.container.manager":"cri-o","io.kubernetes.cri-o.ContainerType":"container","io.kubernetes.pod.name":"p","io.kubernetes.pod.namespace":"n",
            "io.kubernetes.container.name":"c","io.kubernetes.cri-o.ImageName":"i"
            """;
        Assert.Equal("cri-o||n|p|c|i|False", Read($"{Forged},{Own}", "/run/runc"));
        Assert.Equal("cri-o||||||False", Read($"{Forged},\"io.container.manager\":\"cri-o\"", "/run/runc"));
    }

    [Theory]
    [InlineData("libpod")]
    [InlineData("cri-o")]
    public void AContainerThatIsSignedWithAnothersNameIsStillWhoseRootItHas(string manager)
    {
        // containerd lets a pod's annotations through where its pod_annotations say so.
        string signature = $"\"io.container.manager\":\"{manager}\",\"io.kubernetes.cri-o.ContainerType\":\"sandbox\",\"io.kubernetes.pod.namespace\":\"kube-system\"";
        Assert.Equal("containerd|k8s.io|web-1|front-0|||False", Read($"{signature},{Cri},\"io.kubernetes.cri.container-type\":\"container\"", "/run/containerd/runc/k8s.io"));
        Assert.Equal("docker|moby", Read(signature, "/run/docker/runtime-runc/moby")[..11]);
    }

    [Theory]
    [InlineData("runc-spec")]
    [InlineData("ctr-spec")]
    [InlineData("cri-o-sandbox")]
    [InlineData("cri-o-container")]
    public void WhatTheToolsMakeDoesNotLookPrivileged(string bundle)
        => Assert.False(FactsReader.Read(ContainerSpec.Parse(Repository.Bundle(bundle)), "").LooksPrivileged);

    [Theory]
    [InlineData("CAP_SYS_ADMIN", "[]", "[]", true)]
    [InlineData("CAP_SYS_ADMIN", "null", "null", true)]
    [InlineData("CAP_SYS_ADMIN", """["/proc/kcore"]""", """[{"allow":false,"access":"rwm"}]""", false)]
    [InlineData("CAP_SYS_ADMIN", """["/proc/kcore"]""", """[{"allow":true,"access":"rwm"}]""", true)]
    [InlineData("CAP_SYS_ADMIN", """["/proc/kcore"]""", """[{"allow":true,"type":"c","major":1,"access":"rwm"}]""", false)]
    [InlineData("CAP_NET_ADMIN", "[]", """[{"allow":true,"access":"rwm"}]""", false)]
    public void ThePartsOfPrivilegedAreSeen(string capability, string masked, string devices, bool expected)
    {
        string spec = $$$"""
            {"process":{"capabilities":{"bounding":["{{{capability}}}"]}},"linux":{"maskedPaths":{{{masked}}},"resources":{"devices":{{{devices}}} } } }
            """;
        Assert.Equal(expected, FactsReader.Read(ContainerSpec.Parse(Encoding.UTF8.GetBytes(spec)), "").LooksPrivileged);
    }

    [Theory]
    [InlineData("""{"annotations":{"a":"1","a":"2"}}""")]
    [InlineData("""{"annotations":{"a":1}}""")]
    [InlineData("""{"annotations":[]}""")]
    [InlineData("""{"annotations":{"a":"\ud800"}}""")]
    public void AnnotationsThatRuntimesReadDifferentlyAreRefused(string json)
        => Assert.Throws<SpecFormatException>(() => FactsReader.Read(ContainerSpec.Parse(Encoding.UTF8.GetBytes(json)), ""));

    private static string Read(string annotations, string root)
    {
        ContainerFacts facts = FactsReader.Read(ContainerSpec.Parse(Encoding.UTF8.GetBytes($"{{\"annotations\":{{{annotations}}}}}")), root);
        return $"{facts.Engine}|{facts.EngineNamespace}|{facts.PodNamespace}|{facts.Pod}|{facts.Name}|{facts.Image}|{facts.IsSandbox}";
    }
}
