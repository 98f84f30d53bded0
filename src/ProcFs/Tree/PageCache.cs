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

    // Nanoseconds of a modification time. Newer kernels cut what is larger, and then all would be equal.
    private const uint HighestVersion = 999_999_999;

    private readonly Dictionary<ulong, (long Text, uint Version)> _known = [];
    private readonly Lock _lock = new();

    // A daemon before has begun somewhere else, most likely; if not, its pages begin anew at the first open all the same.
    private uint _lastVersion = (uint)Random.Shared.Next(1, (int)HighestVersion);

    public bool IsUsable => isUsable();

    /// <summary>
    /// Whether the kernel was told of this text of the node last, so that pages that it may have are of it. If not, it is told that what it
    /// knows is old.
    /// </summary>
    /// <param name="nodeId">The node.</param>
    /// <param name="text">What the node's text is now; another text has another number, and 0 is never the same.</param>
    public bool IsCurrent(ulong nodeId, long text)
    {
        lock (_lock)
        {
            if (TryFind(nodeId, text, out _))
            {
                return true;
            }
        }

        // Before anybody is told that it is current.
        expire(nodeId);
        _ = VersionOf(nodeId, text);
        return false;
    }

    /// <summary>
    /// The version of a node's text, for its attributes. Each time the text is another one than last time it gets a number of its own, also when it is as it was
    /// before: the kernel may have pages of the one between.
    /// </summary>
    public uint VersionOf(ulong nodeId, long text)
    {
        lock (_lock)
        {
            if (TryFind(nodeId, text, out uint version))
            {
                return version;
            }

            if (_known.Count >= MostNodes)
            {
                _known.Clear();
            }

            _lastVersion = _lastVersion >= HighestVersion ? 1 : _lastVersion + 1;
            _known[nodeId] = (text, _lastVersion);
            return _lastVersion;
        }
    }

    private bool TryFind(ulong nodeId, long text, out uint version)
    {
        bool isKnown = _known.TryGetValue(nodeId, out (long Text, uint Version) known) && known.Text == text && text != 0;
        version = known.Version;
        return isKnown;
    }
}
