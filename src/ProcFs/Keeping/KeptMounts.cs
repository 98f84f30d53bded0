using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>
/// The mounts whose descriptors are kept here. Each is also put into our own service manager's store, where there is one, under names
/// made of the journal's inode.
/// </summary>
internal sealed partial class KeptMounts : IDisposable
{
    /// <summary>More than anyone has in one run directory.</summary>
    public const int Most = 64;

    private const string DevicePrefix = "device-";
    private const string JournalPrefix = "journal-";

    /// <summary>Longer than this between two looks: we were stopped, or the whole machine was.</summary>
    private static readonly TimeSpan Asleep = TimeSpan.FromSeconds(5);

    private readonly List<KeptMount> _mounts = [];
    private readonly KeepingRules _rules;
    private readonly PollLoop _loop;
    private readonly ServiceManager _store;
    private readonly ILogger _logger;
    private long _lastLookNs;
    private long _awakeSinceNs;

    public KeptMounts(KeepingRules rules, PollLoop loop, ServiceManager store, ILogger logger)
    {
        _rules = rules;
        _loop = loop;
        _store = store;
        _logger = logger;
        _lastLookNs = rules.Time.NowNs();
    }

    public int Count => _mounts.Count;

    /// <summary>The paths of what is kept.</summary>
    public IEnumerable<string> Mounts => _mounts.Select(kept => kept.Connection.Mount);

    /// <summary>Takes back what the service manager stored for our predecessor: the mounts are named in the journals.</summary>
    public void Restore(PassedDescriptors passed)
    {
        foreach (string name in passed.Names.Where(name => name.StartsWith(JournalPrefix, StringComparison.Ordinal)).ToList())
        {
            string number = name[JournalPrefix.Length..];
            int journal = passed.Take(name);
            int device = passed.Take(DevicePrefix + number);
            string? defect = device < 0 ? "its device is missing" : Keep(null, device, journal);
            if (device < 0)
            {
                _ = Libc.Close(journal);
            }

            if (defect is not null)
            {
                LogNotRestored(name, defect);
                Forget(number);
            }
        }

        foreach (string name in passed.Names.Where(name => name.StartsWith(DevicePrefix, StringComparison.Ordinal)))
        {
            _store.Forget(name);
        }
    }

    /// <summary>Keeps a device and its journal, both ours to close from here on.</summary>
    /// <param name="mount">The mount it is said to be; null: whatever the journal says.</param>
    /// <param name="device">The open /dev/fuse.</param>
    /// <param name="journal">The memory with the requests in hand.</param>
    /// <returns>Null; or one sentence that says why not.</returns>
    public string? Keep(string? mount, int device, int journal)
    {
        if (Libc.Statx(journal, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_INO, out Libc.StatxBuffer status) >= 0
            && _mounts.Exists(kept => kept.Connection.Inode == status.Inode && (mount ?? kept.Connection.Mount) == kept.Connection.Mount))
        {
            Close(device, journal);
            return null;
        }

        IKeptConnection? connection = _rules.Open(device, journal, out string? defect);
        if (connection is null)
        {
            Close(device, journal);
            return $"the journal for {mount ?? "a mount"} cannot be used: {defect}";
        }

        string? refusal = (mount is not null && connection.Mount != mount) || !KeeperMessage.IsMount(connection.Mount)
            ? $"the journal is that of \"{connection.Mount}\", not of {mount}"
            : Refusal(connection) is { } precious ? precious
            : Replaced(connection.Mount) ? null
            : _mounts.Count >= Most ? string.Create(CultureInfo.InvariantCulture, $"{Most} mounts are kept here already")
            : null;
        if (refusal is not null)
        {
            connection.Dispose();
            return refusal;
        }

        _mounts.Add(new KeptMount(connection, _rules, _loop, _logger));
        string number = NumberOf(connection);
        _store.Store(connection.Device, DevicePrefix + number);
        _store.Store(connection.Journal, JournalPrefix + number);
        LogKept(connection.Mount);
        return null;
    }

    public bool Has(string mount) => Find(mount) is not null;

    /// <summary>Whether a session is kept that somebody may have files of.</summary>
    public bool HasMounted(string mount) => Find(mount)?.Connection.WasMounted == true;

    /// <summary>The inode of the journal that is kept for a mount; 0: none is.</summary>
    public ulong JournalOf(string mount) => Find(mount)?.Connection.Inode ?? 0;

    /// <summary>The descriptors for a mount; they stay ours.</summary>
    public bool TryGet(string mount, out int device, out int journal)
    {
        KeptMount? kept = Find(mount);
        if (kept?.Connection.HasEnded == true)
        {
            Drop(kept);
            kept = null;
        }

        (device, journal) = kept is null ? (-1, -1) : (kept.Connection.Device, kept.Connection.Journal);
        return kept is not null;
    }

    /// <summary>
    /// A mount ends for good: it is taken off its path, so that nobody new comes, whoever waits is let go, and nothing of it is kept.
    /// </summary>
    /// <returns>Null; or one sentence that says why not.</returns>
    public string? End(string mount)
    {
        if (Find(mount) is not { } kept)
        {
            return null;
        }

        if (kept.Connection.IsServed(out int pid))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{mount} is served by process {pid}: stop that one first");
        }

        try
        {
            _rules.Unmount(mount);
        }
        catch (FuseException exception)
        {
            return exception.Message;
        }

        int answered = kept.Connection.HasEnded ? 0 : kept.ReleaseAll();
        if (answered < 0)
        {
            return $"{mount} is served again by somebody: stop that one first";
        }

        LogEnded(mount, answered);
        Drop(kept);
        return null;
    }

    /// <summary>Keeps a mount no longer; its readers are nobody's business here.</summary>
    /// <param name="mount">The mount.</param>
    /// <param name="journal">The inode of its journal: what was kept in its place since is not meant.</param>
    public void Forsake(string mount, ulong journal)
    {
        if (Find(mount) is { } kept && kept.Connection.Inode == journal)
        {
            Drop(kept);
        }
    }

    /// <summary>One line for each: what it is in, the server's pid or 0, the path.</summary>
    public string List()
    {
        StringBuilder lines = new();
        foreach (KeptMount kept in _mounts)
        {
            bool isServed = kept.Connection.IsServed(out int pid);
            string state = isServed ? "served" : kept.State == KeptMountState.Released ? "released" : "waiting";
            lines.Append(CultureInfo.InvariantCulture, $"{state} {pid} {kept.Connection.Mount.ReplaceLineEndings("\\n")}\n");
        }

        return lines.ToString();
    }

    /// <summary>Looks at every mount, and does what is due. To be called about every <see cref="KeepingRules.LookEvery"/>.</summary>
    public void Look()
    {
        long now = _rules.Time.NowNs();
        if (now - _lastLookNs > Asleep.ToNs())
        {
            _awakeSinceNs = now;
        }

        _lastLookNs = now;
        for (int i = _mounts.Count - 1; i >= 0; i--)
        {
            KeptMount kept = _mounts[i];
            if (kept.Look(now, _awakeSinceNs, out _) == KeptMountState.Ended)
            {
                LogDead(kept.Connection.Mount);
                Drop(kept);
            }
        }
    }

    /// <summary>Closes everything. What the service manager stores stays there.</summary>
    public void Dispose()
    {
        foreach (KeptMount kept in _mounts)
        {
            kept.Dispose();
        }

        _mounts.Clear();
    }

    private KeptMount? Find(string mount) => _mounts.Find(kept => kept.Connection.Mount == mount);

    /// <summary>
    /// Ours may be the last copies of a connection whose files containers use: it is not given up for another one while it lives. Another
    /// journal for the same connection is welcome: the old one could not be read.
    /// </summary>
    private string? Refusal(IKeptConnection connection)
    {
        if (Find(connection.Mount)?.Connection is not { WasMounted: true, HasEnded: false } old)
        {
            return null;
        }

        int difference = Libc.CompareFiles(old.Device, connection.Device);
        // Where that cannot be asked, a server at work tells that the old one is needed.
        return difference > 0 || (difference < 0 && old.IsServed(out _))
            ? $"another connection of {connection.Mount} is kept here and alive, and containers may use its files: it is not given up for this one"
            : null;
    }

    private bool Replaced(string mount)
    {
        KeptMount? old = Find(mount);
        if (old is not null)
        {
            Drop(old);
        }

        return old is not null;
    }

    private void Drop(KeptMount kept)
    {
        _mounts.Remove(kept);
        Forget(NumberOf(kept.Connection));
        kept.Dispose();
    }

    private void Forget(string number)
    {
        _store.Forget(DevicePrefix + number);
        _store.Forget(JournalPrefix + number);
    }

    private static string NumberOf(IKeptConnection connection) => connection.Inode.ToString(CultureInfo.InvariantCulture);

    private static void Close(int device, int journal)
    {
        _ = Libc.Close(device);
        _ = Libc.Close(journal);
    }

    [LoggerMessage(1511, LogLevel.Information, "keeping the connection of {Mount}")]
    private partial void LogKept(string mount);

    [LoggerMessage(1512, LogLevel.Information, "{Mount} has ended for good; {Count} waiting request(s) were answered with an error")]
    private partial void LogEnded(string mount, int count);

    [LoggerMessage(1513, LogLevel.Information, "the connection of {Mount} is dead, it was unmounted or aborted: kept no longer")]
    private partial void LogDead(string mount);

    [LoggerMessage(1514, LogLevel.Warning, "the stored {Name} is of no use: {Defect}")]
    private partial void LogNotRestored(string name, string defect);
}
