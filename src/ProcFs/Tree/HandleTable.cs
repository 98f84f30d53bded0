namespace ProcFs.Tree;

/// <summary>
/// The open files, a bounded number of them. A handle is index and generation, so one that was given up is never taken for
/// another; and it is only a hint: a read with an unknown handle gets a text made for it alone. When the table is full the
/// oldest entry is given away, which is how handles whose RELEASE was lost come back.
/// </summary>
internal sealed class HandleTable
{
    private const int KeptTextBytes = 64 * 1024;
    private const int None = -1;

    private readonly Lock _lock = new();
    private readonly OpenFile[] _files;
    private readonly int[] _next;
    private readonly int[] _previous;
    private int _oldest = None;
    private int _newest = None;
    private int _firstFree = None;
    private int _used;
    private uint _generation;

    public HandleTable(int capacity)
    {
        _files = new OpenFile[capacity];
        _next = new int[capacity];
        _previous = new int[capacity];
    }

    /// <summary>How many files are open.</summary>
    public int Count { get; private set; }

    public ulong Open()
    {
        lock (_lock)
        {
            int index = TakeEntry();
            _generation = _generation == uint.MaxValue ? 1 : _generation + 1;
            OpenFile file = _files[index];
            lock (file.Lock)
            {
                file.Generation = _generation;
                file.IsRendered = false;
            }

            Append(index);
            Count++;
            return ((ulong)_generation << 32) | (uint)index;
        }
    }

    /// <summary>
    /// The open file of a handle, or null. It can be given away at any moment: check <see cref="OpenFile.Generation"/> against
    /// <see cref="GenerationOf"/> under its lock.
    /// </summary>
    public OpenFile? Find(ulong handle)
    {
        int index = IndexOf(handle);
        OpenFile? file = index >= 0 && index < _files.Length ? Volatile.Read(ref _files[index]) : null;
        return file is not null && GenerationOf(handle) != 0 ? file : null;
    }

    /// <summary>Gives a handle up; nothing happens with one that is unknown or was given up before.</summary>
    public void Release(ulong handle)
    {
        if (Find(handle) is not { } file)
        {
            return;
        }

        lock (_lock)
        {
            lock (file.Lock)
            {
                if (file.Generation != GenerationOf(handle))
                {
                    return;
                }

                file.Generation = 0;
                // A long text (many CPUs) is not kept for the next one, which is probably short.
                file.Text = file.Text?.Length > KeptTextBytes ? null : file.Text;
            }

            int index = IndexOf(handle);
            Remove(index);
            _next[index] = _firstFree;
            _firstFree = index;
            Count--;
        }
    }

    public static uint GenerationOf(ulong handle) => (uint)(handle >> 32);

    private static int IndexOf(ulong handle) => (int)(uint)handle;

    private int TakeEntry()
    {
        int index;
        if (_firstFree != None)
        {
            index = _firstFree;
            _firstFree = _next[index];
        }
        else if (_used < _files.Length)
        {
            index = _used++;
            Volatile.Write(ref _files[index], new OpenFile());
        }
        else
        {
            index = _oldest;
            Remove(index);
            Count--;
        }

        return index;
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
