using Runtime.Hardening.EndToEnd.Tests.Fixtures;

[assembly: AssemblyFixture(typeof(TestImage))]

namespace Runtime.Hardening.EndToEnd.Tests.Fixtures;

/// <summary>Tests that share one private containerd.</summary>
[CollectionDefinition(Name)]
public sealed class OneContainerd : ICollectionFixture<ContainerdNode>
{
    public const string Name = "one containerd";
}
