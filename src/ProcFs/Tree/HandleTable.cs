using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>
/// The open files, a bounded number of them. A handle is index and generation, so one that was given up is never taken for
/// another; and it is only a hint: a read with an unknown handle gets a text made for it alone. When the table is full the
/// oldest entry is given away, which is how handles whose RELEASE was lost come back.
/// </summary>
internal sealed class HandleTable
{
    // Buffers wait here for the next open file: enough for many readers at once, and no more than a few MB.
    private const int MostKeptTexts = 64;
    private const int LongestKeptText = 64 * 1024;
    private const int None = -1;

    private readonly Lock _lock = new();
    private readonly OpenFile[] _files;
    private readonly int[] _next;
    private readonly int[] _previous;
    private int _oldest = None;
    private int _newest = None;
    private int _firstFree = None;
    private int _used;
    private readonly Stack<TextBuffer> _texts = new(MostKeptTexts);

    // Not from 1: a handle that the kernel still holds from an earlier daemon must not be taken for one of ours.
    private uint _generation = (uint)Random.Shared.Next();

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
            _files[index].Generation = _generation;
            Append(index);
            Count++;
            return ((ulong)_generation << 32) | (uint)index;
        }
    }

    /// <summary>
    /// The open file of a handle, or null. It can be given away at any moment; what is made in it is marked with the generation it was
    /// made for, so the next owner never takes it for its own.
    /// </summary>
    public OpenFile? Find(ulong handle)
    {
        int index = IndexOf(handle);
        OpenFile? file = index >= 0 && index < _files.Length ? Volatile.Read(ref _files[index]) : null;
        return file is not null && file.Generation == GenerationOf(handle) && file.Generation != 0 ? file : null;
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
            if (file.Generation != GenerationOf(handle))
            {
                return;
            }

            file.Generation = 0;
            int index = IndexOf(handle);
            Remove(index);
            _next[index] = _firstFree;
            _firstFree = index;
            Count--;
            TakeText(file);
        }
    }

    /// <summary>A buffer for a text; one that was used before, if there is any.</summary>
    public TextBuffer RentText()
    {
        lock (_texts)
        {
            return _texts.TryPop(out TextBuffer? text) ? text : new TextBuffer();
        }
    }

    /// <summary>Takes the buffer of a file that was closed. One that is being read through at this moment keeps it for its next owner.</summary>
    private void TakeText(OpenFile file)
    {
        if (!file.Lock.TryEnter())
        {
            return;
        }

        try
        {
            if (file.Text is { } text)
            {
                file.Text = null;
                file.RenderedFor = 0;
                lock (_texts)
                {
                    if (_texts.Count < MostKeptTexts && text.Capacity <= LongestKeptText)
                    {
                        _texts.Push(text);
                    }
                }
            }
        }
        finally
        {
            file.Lock.Exit();
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
