using Runtime.Hardening.Collector.Containerd;
using Runtime.Hardening.Collector.Otlp;

namespace Runtime.Hardening.Collector.Node;

/// <summary>All containers, by containerd namespace and id. Owned by one loop; no locks.</summary>
/// <param name="node">Attributes that every container gets from its node.</param>
internal sealed class ContainerTable(IReadOnlyList<TelemetryAttribute> node)
{
    private readonly Dictionary<(string Namespace, string Id), ContainerState> _containers = [];

    internal IReadOnlyCollection<ContainerState> All => _containers.Values;

    internal ContainerState? Find(string containerdNamespace, string id) => _containers.GetValueOrDefault((containerdNamespace, id));

    /// <summary>The container that a runtime was called for, by the folder its root ends with and its id.</summary>
    internal ContainerState? FindByRoot(string root, string id)
    {
        ContainerState? found = Find(Path.GetFileName(root.TrimEnd('/')), id);
        // Another installation of containerd may use the same namespace and id under another root.
        return found is not null && found.Identity.RuntimeRoot == root.TrimEnd('/') ? found : null;
    }

    /// <summary>Adds a container or takes its new identity.</summary>
    internal ContainerState Set(ContainerIdentity identity)
    {
        if (Find(identity.Namespace, identity.Id) is not { } state)
        {
            state = new ContainerState(identity, node);
            _containers.Add((identity.Namespace, identity.Id), state);
        }
        else if (state.Identity.Image != identity.Image || state.Identity.RuntimeRoot != identity.RuntimeRoot ||
                 state.Identity.Attributes.Count != identity.Attributes.Count ||
                 !state.Identity.Attributes.Select(a => (a.Key, a.Value.ToString())).SequenceEqual(identity.Attributes.Select(a => (a.Key, a.Value.ToString()))))
        {
            state.Update(identity);
        }

        return state;
    }

    internal void Remove(ContainerState state)
    {
        _containers.Remove((state.Identity.Namespace, state.Identity.Id));
        state.Dispose();
    }

    /// <summary>The containers that a full list no longer has.</summary>
    internal List<ContainerState> MissingFrom(IEnumerable<ContainerIdentity> listed)
    {
        HashSet<(string, string)> present = [.. listed.Select(identity => (identity.Namespace, identity.Id))];
        return [.. _containers.Where(pair => !present.Contains(pair.Key)).Select(pair => pair.Value)];
    }
}
