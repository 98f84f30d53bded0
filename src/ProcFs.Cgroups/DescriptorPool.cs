using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>
/// Bounds how many descriptors are kept open. The least recently used ones are closed first; one that a thread is reading from closes
/// when that thread is done. Safe for any number of threads; a read of an open file takes no lock.
/// </summary>
/// <param name="capacity">How many descriptors to keep, at least 1.</param>
public sealed class DescriptorPool(int capacity)
{
    private readonly Lock _gate = new();
    private readonly PooledDescriptor?[] _kept = new PooledDescriptor?[Math.Max(1, capacity)];
    private readonly long[] _lastUses = new long[Math.Max(1, capacity)];
    private int _count;
    private long _clock;

    /// <summary>How many descriptors are kept at most.</summary>
    public int Capacity => _kept.Length;

    /// <summary>How many are kept now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A stamp for "used now".</summary>
    internal long Now() => Interlocked.Increment(ref _clock);

    /// <summary>Counts a descriptor that was just opened; closes others when there are too many.</summary>
    internal void Add(PooledDescriptor opened)
    {
        lock (_gate)
        {
            if (_count == _kept.Length)
            {
                // A few at once, so that a pool that is too small does not look for the oldest at each open.
                CloseOldest(Math.Max(1, _kept.Length / 16));
            }

            _kept[_count++] = opened;
        }
    }

    /// <summary>openat(2) for a descriptor that is closed again soon: the number, or -errno. Makes room when too many files are open.</summary>
    internal int OpenAt(int directory, ReadOnlySpan<byte> nameWithNul, int flags)
    {
        int descriptor = Libc.OpenAt(directory, nameWithNul, flags);
        if (Libc.ErrorOf(descriptor) is Errno.EMFILE or Errno.ENFILE)
        {
            MakeRoom();
            descriptor = Libc.OpenAt(directory, nameWithNul, flags);
        }

        return descriptor;
    }

    /// <summary>Closes one that is no longer of use.</summary>
    internal void Remove(PooledDescriptor descriptor)
    {
        lock (_gate)
        {
            int index = Array.IndexOf(_kept, descriptor, 0, _count);
            if (index >= 0)
            {
                _kept[index] = _kept[--_count];
                _kept[_count] = null;
                descriptor.CloseKept();
            }
        }
    }

    /// <summary>Closes the older half: the process has reached its limit of open files.</summary>
    public void MakeRoom()
    {
        lock (_gate)
        {
            CloseOldest((_count + 1) / 2);
        }
    }

    private void CloseOldest(int number)
    {
        // The stamps are copied first: they change while we sort.
        for (int i = 0; i < _count; i++)
        {
            _lastUses[i] = _kept[i]!.LastUse;
        }

        Array.Sort(_lastUses, _kept, 0, _count);
        for (int i = 0; i < number; i++)
        {
            _kept[i]!.CloseKept();
        }

        Array.Copy(_kept, number, _kept, 0, _count - number);
        Array.Clear(_kept, _count - number, number);
        _count -= number;
    }
}
