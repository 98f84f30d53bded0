namespace ProcFs.Tree;

/// <summary>
/// What the kernel's page cache holds of the files that belong to one container and hardly ever change. Only here do pages show nobody else's
/// text. They are found right at each open: the one request that is left of a read.
/// </summary>
/// <param name="isUsable">Whether this connection's kernel drops pages by their version.</param>
/// <param name="expire">Has the kernel ask for a node's attributes again.</param>
internal sealed class PageCache(Func<bool> isUsable, Action<ulong> expire)
{
    // Beyond it nothing is known any more, which costs each node one read.
    private const int MostNodes = 16 * 1024;

    private readonly Dictionary<ulong, uint> _versions = [];
    private readonly Lock _lock = new();

    public bool IsUsable => isUsable();

    /// <summary>
    /// Whether the pages that the kernel may have are of this version. If they are not, or an earlier daemon knew, the kernel is told that
    /// what it knows of the node is old.
    /// </summary>
    public bool IsCurrent(ulong nodeId, uint version)
    {
        lock (_lock)
        {
            if (_versions.TryGetValue(nodeId, out uint known) && known == version)
            {
                return true;
            }

            if (_versions.Count >= MostNodes)
            {
                _versions.Clear();
            }

            _versions[nodeId] = version;
        }

        expire(nodeId);
        return false;
    }
}
