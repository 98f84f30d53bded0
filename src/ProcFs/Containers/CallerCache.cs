using System.Collections.Concurrent;

namespace ProcFs.Containers;

/// <summary>
/// Remembers which view belongs to callers with the same namespaces and the same cgroups. Never keyed by pid or thread id,
/// which are reused: what identifies a caller is read afresh each time. An entry serves for some seconds, and only while the
/// init it was found by lives, since namespace numbers are recycled too.
/// </summary>
internal sealed class CallerCache(TimeProvider clock)
{
    private const long ValidForNs = 3_000_000_000;
    private const long SweepEveryNs = 10_000_000_000;
    private const int MostNamespaces = 8192;
    private const int MostCgroups = 64;

    private readonly ConcurrentDictionary<(ulong Pid, ulong Mount), Entry[]> _entries = new();
    private long _sweptAt = clock.GetTimestamp();

    public CallerView? Find(ulong pidNamespace, ulong mountNamespace, ReadOnlySpan<byte> cgroups)
    {
        if (!_entries.TryGetValue((pidNamespace, mountNamespace), out Entry[]? candidates))
        {
            return null;
        }

        foreach (Entry entry in candidates)
        {
            if (cgroups.SequenceEqual(entry.Cgroups))
            {
                bool valid = clock.GetTimestamp() - entry.AtNs < ValidForNs && entry.View.Container.Init?.IsAlive() != false;
                return valid ? entry.View : null;
            }
        }

        return null;
    }

    public void Remember(ulong pidNamespace, ulong mountNamespace, ReadOnlySpan<byte> cgroups, CallerView view)
    {
        if (_entries.Count >= MostNamespaces)
        {
            _entries.Clear();
        }

        Sweep();
        Entry added = new(cgroups.ToArray(), view, clock.GetTimestamp());
        _entries.AddOrUpdate((pidNamespace, mountNamespace), static (_, entry) => [entry], static (_, old, entry) =>
            [entry, .. old.Where(known => !known.Cgroups.AsSpan().SequenceEqual(entry.Cgroups)).Take(MostCgroups - 1)], added);
    }

    /// <summary>Drops entries that are too old to serve, so that no ended container is kept by one.</summary>
    private void Sweep()
    {
        long now = clock.GetTimestamp();
        long last = Interlocked.Read(ref _sweptAt);
        if (now - last < SweepEveryNs || Interlocked.CompareExchange(ref _sweptAt, now, last) != last)
        {
            return;
        }

        foreach (((ulong, ulong) key, Entry[] entries) in _entries)
        {
            if (Array.TrueForAll(entries, entry => now - entry.AtNs >= ValidForNs))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    /// <summary>Drops what was remembered of a container whose cgroup turned out to be gone.</summary>
    public void Forget(Container container)
    {
        foreach (((ulong, ulong) key, Entry[] entries) in _entries)
        {
            if (Array.Exists(entries, entry => ReferenceEquals(entry.View.Container, container)))
            {
                _entries.TryRemove(key, out _);
            }
        }
    }

    private sealed record Entry(byte[] Cgroups, CallerView View, long AtNs);
}
