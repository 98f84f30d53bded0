using System.Numerics;

namespace ProcFs.Tree;

/// <summary>
/// The open files, a bounded number of them. A handle is index and generation, so one that was given up is never taken for
/// another; and it is only a hint: a read with an unknown handle gets a text made for it alone. When the table is full the
/// oldest entry is given away, which is how handles whose RELEASE was lost come back. What is open survives the daemon in the
/// <see cref="SnapshotTable"/>; the order of the entries and what is free are found from it anew.
/// </summary>
internal sealed unsafe partial class HandleTable
{
    private readonly Lock _lock = new();
    private readonly SnapshotTable _snapshots;
    private readonly OpenFile?[] _files;
    private readonly IndexList _open;
    private readonly ulong[] _free;
    private readonly ulong _newestFound;
    private int _firstFreeWord;

    public HandleTable(SnapshotTable snapshots)
    {
        _snapshots = snapshots;
        _files = new OpenFile[snapshots.Count];
        _open = new IndexList(snapshots.Count);
        _withMemory = new IndexList(snapshots.Count);
        _free = new ulong[(snapshots.Count + 63) / 64];
        _newestFound = TakeOver();
    }

    /// <summary>How many files are open.</summary>
    public int Count { get; private set; }

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
            OpenFile file = _files[index] ?? Add(index);
            file.GiveTo(generation, nodeId, request);
            _open.Append(index);
            MakeYoungest(file, index);
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
    public void Release(ulong handle) => Release(handle, isWithdrawn: false);

    /// <summary>Takes back one execution of an OPEN whose answer nobody wanted. The handle is given up if there was no other.</summary>
    public void Withdraw(ulong handle) => Release(handle, isWithdrawn: true);

    public static uint GenerationOf(ulong handle) => (uint)(handle >> 32);

    private static int IndexOf(ulong handle) => (int)(uint)handle;

    private static ulong HandleOf(int index, uint generation) => ((ulong)generation << 32) | (uint)index;

    private void Release(ulong handle, bool isWithdrawn)
    {
        if (Find(handle) is not { } file)
        {
            return;
        }

        int index = IndexOf(handle);
        lock (_lock)
        {
            if (file.Generation != GenerationOf(handle) || (isWithdrawn && --file.Opens > 0))
            {
                return;
            }

            file.Generation = 0;
            _open.Remove(index);
            SetFree(index);
            Count--;
        }

        GiveMemoryBack(file, index);
    }

    private OpenFile? Find(ulong handle)
    {
        int index = IndexOf(handle);
        OpenFile? file = index >= 0 && index < _files.Length ? Volatile.Read(ref _files[index]) : null;
        return file is not null && file.Generation == GenerationOf(handle) && file.Generation != 0 ? file : null;
    }

    private ulong? FindOpenedBy(ulong nodeId, ulong request)
    {
        for (int index = _open.Last; index != IndexList.None; index = _open.Before(index))
        {
            OpenFile file = _files[index]!;
            if (file.OpenedBy == request && file.NodeId == nodeId)
            {
                file.Opens++;
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
        for (int i = 0; i < _files.Length; i++)
        {
            Snapshot* entry = _snapshots.Entry(i);
            if (entry->Generation == 0)
            {
                SetFree(i);
                continue;
            }

            Add(i);
            found.Add((_snapshots.Generation - entry->Generation, i));
            newest = Math.Max(newest, entry->OpenedBy);
        }

        TakeOverFreeMemory();
        foreach ((_, int index) in found.OrderByDescending(entry => entry.Age))
        {
            _open.Append(index);
            Count++;
            TakeOverMemory(index);
        }

        KeepWithinBudget(null);
        return newest;
    }

    private OpenFile Add(int index)
    {
        OpenFile file = new(_snapshots.Entry(index), _snapshots.Text(index));
        Volatile.Write(ref _files[index], file);
        return file;
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

        int index = _open.First;
        _open.Remove(index);
        Count--;
        return index;
    }

    private void SetFree(int index)
    {
        _free[index / 64] |= 1UL << (index % 64);
        _firstFreeWord = Math.Min(_firstFreeWord, index / 64);
    }
}
