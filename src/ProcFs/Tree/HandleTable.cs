using System.Numerics;

namespace ProcFs.Tree;

/// <summary>
/// The open files, a bounded number of them. A handle is index and generation, so one that was given up is never taken for
/// another; and it is only a hint: a read with an unknown handle gets a text made for it alone. When the table is full the
/// oldest entry is given away, which is how handles whose RELEASE was lost come back. What is open survives the daemon in the
/// <see cref="SnapshotTable"/>; the order of the entries and what is free are found from it anew.
/// </summary>
internal sealed unsafe class HandleTable
{
    // The first entries keep the memory of their texts when they are closed: free ones are taken from the front, so these are used
    // again and again. The memory of the others goes back, and with it that of a peak.
    private const int Hot = 64;
    private const int None = -1;

    private readonly Lock _lock = new();
    private readonly SnapshotTable _snapshots;
    private readonly OpenFile?[] _files;
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly ulong[] _free;
    private readonly ulong _newestFound;
    private int _oldest = None;
    private int _newest = None;
    private int _firstFreeWord;

    public HandleTable(SnapshotTable snapshots)
    {
        _snapshots = snapshots;
        _files = new OpenFile[snapshots.Count];
        _next = new int[snapshots.Count];
        _previous = new int[snapshots.Count];
        _free = new ulong[(snapshots.Count + 63) / 64];
        _newestFound = TakeOver();
    }

    /// <summary>How many files are open.</summary>
    public int Count { get; private set; }

    /// <summary>Where texts go that are too long for the table.</summary>
    public LongTexts LongTexts { get; } = new();

    /// <summary>A handle for a file that is being opened.</summary>
    /// <param name="nodeId">The file.</param>
    /// <param name="request">The id of the OPEN. One that is executed once more gets the handle that it got before.</param>
    /// <param name="isResent">Whether an earlier daemon, or this one, may have executed it.</param>
    public ulong Open(ulong nodeId, ulong request, bool isResent = false)
    {
        lock (_lock)
        {
            // Ids only grow: what is newer than all that was found here was never executed before.
            if ((isResent || request <= _newestFound) && FindOpenedBy(nodeId, request) is { } known)
            {
                return known;
            }

            int index = TakeEntry();
            uint generation = _snapshots.TakeGeneration();
            OpenFile file = _files[index] ?? Add(index, hasPages: false);
            file.GiveTo(generation, nodeId, request);
            Append(index);
            Count++;
            return HandleOf(index, generation);
        }
    }

    /// <summary>
    /// The open file of a handle, or null. It can be given away at any moment; what is made in it is marked with the generation it was
    /// made for, so the next owner never takes it for its own.
    /// </summary>
    public OpenFile? Find(ulong handle, ulong nodeId)
        => Find(handle) is { } file && file.NodeId == nodeId ? file : null;

    /// <summary>Gives a handle up; nothing happens with one that is unknown or was given up before.</summary>
    public void Release(ulong handle)
    {
        if (Find(handle) is not { } file)
        {
            return;
        }

        int index = IndexOf(handle);
        lock (_lock)
        {
            if (file.Generation != GenerationOf(handle))
            {
                return;
            }

            file.Generation = 0;
            Remove(index);
            SetFree(index);
            Count--;
        }

        GiveMemoryBack(file, index);
    }

    public static uint GenerationOf(ulong handle) => (uint)(handle >> 32);

    private static int IndexOf(ulong handle) => (int)(uint)handle;

    private static ulong HandleOf(int index, uint generation) => ((ulong)generation << 32) | (uint)index;

    private OpenFile? Find(ulong handle)
    {
        int index = IndexOf(handle);
        OpenFile? file = index >= 0 && index < _files.Length ? Volatile.Read(ref _files[index]) : null;
        return file is not null && file.Generation == GenerationOf(handle) && file.Generation != 0 ? file : null;
    }

    private ulong? FindOpenedBy(ulong nodeId, ulong request)
    {
        for (int index = _newest; index != None; index = _previous[index])
        {
            OpenFile file = _files[index]!;
            if (file.OpenedBy == request && file.NodeId == nodeId)
            {
                return HandleOf(index, file.Generation);
            }
        }

        return null;
    }

    /// <summary>Builds the lists from what an earlier daemon left. The highest id of an OPEN among it; 0: it left nothing.</summary>
    private ulong TakeOver()
    {
        List<(uint Age, int Index)> found = [];
        ulong newest = 0;
        int firstUnused = Hot;
        for (int i = 0; i < _files.Length; i++)
        {
            Snapshot* entry = _snapshots.Entry(i);
            if (entry->Generation == 0)
            {
                SetFree(i);
                continue;
            }

            Add(i, hasPages: true);
            found.Add((_snapshots.Generation - entry->Generation, i));
            newest = Math.Max(newest, entry->OpenedBy);
            Discard(firstUnused, i);
            firstUnused = Math.Max(Hot, i + 1);
        }

        // Texts that were left behind when a daemon died while closing; where there were none this does nothing.
        Discard(firstUnused, _files.Length);
        foreach ((_, int index) in found.OrderByDescending(entry => entry.Age))
        {
            Append(index);
            Count++;
        }

        return newest;
    }

    private void Discard(int first, int end)
    {
        if (first < end)
        {
            _snapshots.Discard(first, end - first);
        }
    }

    private OpenFile Add(int index, bool hasPages)
    {
        OpenFile file = new(_snapshots.Entry(index), _snapshots.Text(index), hasPages);
        Volatile.Write(ref _files[index], file);
        return file;
    }

    /// <summary>Nothing is given back while somebody reads through the file, or has it already: it is kept for the next time it is closed.</summary>
    private void GiveMemoryBack(OpenFile file, int index)
    {
        if (!file.Lock.TryEnter())
        {
            return;
        }

        try
        {
            if (file.Generation != 0)
            {
                return;
            }

            if (file.TakeLongText() is { } text)
            {
                LongTexts.Return(text);
            }

            if (index >= Hot && file.HasPages)
            {
                _snapshots.Discard(index, 1);
                file.HasPages = false;
            }
        }
        finally
        {
            file.Lock.Exit();
        }
    }

    /// <summary>The first free entry, else the oldest.</summary>
    private int TakeEntry()
    {
        for (; _firstFreeWord < _free.Length; _firstFreeWord++)
        {
            if (_free[_firstFreeWord] != 0)
            {
                int bit = BitOperations.TrailingZeroCount(_free[_firstFreeWord]);
                _free[_firstFreeWord] &= _free[_firstFreeWord] - 1;
                return (_firstFreeWord * 64) + bit;
            }
        }

        int index = _oldest;
        Remove(index);
        Count--;
        return index;
    }

    private void SetFree(int index)
    {
        _free[index / 64] |= 1UL << (index % 64);
        _firstFreeWord = Math.Min(_firstFreeWord, index / 64);
    }

    private void Append(int index)
    {
        _previous[index] = _newest;
        _next[index] = None;
        if (_newest == None)
        {
            _oldest = index;
        }
        else
        {
            _next[_newest] = index;
        }

        _newest = index;
    }

    private void Remove(int index)
    {
        if (_previous[index] == None)
        {
            _oldest = _next[index];
        }
        else
        {
            _next[_previous[index]] = _next[index];
        }

        if (_next[index] == None)
        {
            _newest = _previous[index];
        }
        else
        {
            _previous[_next[index]] = _previous[index];
        }
    }
}
