namespace ProcFs.Tree;

// The memory of the texts: bounded, whatever readers do. Pages are counted per place, and a place keeps them until they are given back.
// Who changes a place's count holds the file's lock and then the table's; nobody waits for a file's lock with the table's held.
internal sealed unsafe partial class HandleTable
{
    /// <summary>64 MiB.</summary>
    internal const int MostPages = 16 * 1024;

    // The first entries keep the memory of their texts when they are closed: free ones are taken from the front, so these are used
    // again and again. The memory of the others goes back, and with it that of a peak.
    private const int Hot = 64;
    private const int MostPagesWhenHot = 16;
    private const int FewPages = MostPages / 8;

    private readonly IndexList _withMemory; // those opened longest ago first
    private int _pages;

    /// <summary>
    /// Keeps a text in the file's place. When the texts take too much memory together, those of the files that were opened longest ago
    /// are taken away: their readers get a new one. With the file's lock held.
    /// </summary>
    /// <returns>False when it is too long. Then there is none, and each READ gets a text made for it alone.</returns>
    public bool TryKeep(OpenFile file, ulong handle, ulong read, ReadOnlySpan<byte> made)
    {
        file.Drop();
        if (made.Length > SnapshotTable.LongestText)
        {
            return false;
        }

        int pages = SnapshotTable.PagesFor(made.Length);
        if (pages > file.Pages)
        {
            Reserve(file, IndexOf(handle), pages);
        }

        file.Keep(GenerationOf(handle), read, made);
        return true;
    }

    private void Reserve(OpenFile file, int index, int pages)
    {
        lock (_lock)
        {
            if (file.Pages == 0)
            {
                _withMemory.Append(index);
            }

            _pages += pages - file.Pages;
            file.Pages = pages;
        }

        KeepWithinBudget(file);
    }

    private void KeepWithinBudget(OpenFile? exempt)
    {
        while (TakeOldestText(exempt) is { } index)
        {
            OpenFile file = _files[index]!;
            try
            {
                Discard(file, index);
            }
            finally
            {
                file.Lock.Exit();
            }
        }
    }

    /// <summary>A place to be emptied, with its file's lock held; null: all is within the budget, or being read at this moment.</summary>
    private int? TakeOldestText(OpenFile? exempt)
    {
        if (Volatile.Read(ref _pages) <= MostPages)
        {
            return null;
        }

        lock (_lock)
        {
            if (_pages <= MostPages)
            {
                return null;
            }

            for (int index = _withMemory.First; index != IndexList.None; index = _withMemory.After(index))
            {
                OpenFile file = _files[index]!;
                // The thread that has a lock would get it a second time.
                if (file != exempt && file.Lock.TryEnter())
                {
                    return index;
                }
            }

            return null;
        }
    }

    /// <summary>Nothing is given back while somebody reads through the file, or has it already: it is kept for the next time it is closed.</summary>
    private void GiveMemoryBack(OpenFile file, int index)
    {
        if (file.Pages == 0 || !file.Lock.TryEnter())
        {
            return;
        }

        try
        {
            bool isKept = index < Hot && (file.Pages <= MostPagesWhenHot || Volatile.Read(ref _pages) <= FewPages);
            if (file.Generation == 0 && file.Pages > 0 && !isKept)
            {
                Discard(file, index);
            }
        }
        finally
        {
            file.Lock.Exit();
        }
    }

    private void Discard(OpenFile file, int index)
    {
        file.Drop();
        _snapshots.Discard(index, 1);
        lock (_lock)
        {
            _withMemory.Remove(index);
            _pages -= file.Pages;
            file.Pages = 0;
        }
    }

    /// <summary>Its text, should it have memory, is the last one that is taken away. With the table's lock held.</summary>
    private void MakeYoungest(OpenFile file, int index)
    {
        if (file.Pages > 0)
        {
            _withMemory.Remove(index);
            _withMemory.Append(index);
        }
    }

    /// <summary>The places of free entries: the first ones keep what they have; what others have was left when a daemon died while closing.</summary>
    private void TakeOverFreeMemory()
    {
        int firstUnused = Hot;
        for (int i = 0; i < _files.Length; i++)
        {
            if (_files[i] is not null)
            {
                DiscardFree(firstUnused, i);
                firstUnused = Math.Max(Hot, i + 1);
            }
            else if (i < Hot && _snapshots.Entry(i)->Pages > 0)
            {
                Add(i);
                TakeOverMemory(i);
            }
        }

        DiscardFree(firstUnused, _files.Length);
    }

    private void TakeOverMemory(int index)
    {
        if (_files[index]!.Pages > 0)
        {
            _withMemory.Append(index);
            _pages += _files[index]!.Pages;
        }
    }

    /// <summary>Whether they were counted or not; where there is nothing this does nothing.</summary>
    private void DiscardFree(int first, int end)
    {
        if (first >= end)
        {
            return;
        }

        _snapshots.Discard(first, end - first);
        for (int i = first; i < end; i++)
        {
            _snapshots.Entry(i)->Pages = 0;
        }
    }
}
