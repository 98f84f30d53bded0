namespace ProcFs.Tree;

/// <summary>Some of the numbers from 0 on, in the order in which they were appended; each at most once. Allocates nothing.</summary>
internal sealed class IndexList(int capacity)
{
    public const int None = -1;

    private readonly int[] _next = new int[capacity];
    private readonly int[] _previous = new int[capacity];

    public int First { get; private set; } = None;

    public int Last { get; private set; } = None;

    public int After(int index) => _next[index];

    public int Before(int index) => _previous[index];

    public void Append(int index)
    {
        _previous[index] = Last;
        _next[index] = None;
        if (Last == None)
        {
            First = index;
        }
        else
        {
            _next[Last] = index;
        }

        Last = index;
    }

    /// <summary>Takes one out that is in it.</summary>
    public void Remove(int index)
    {
        if (_previous[index] == None)
        {
            First = _next[index];
        }
        else
        {
            _next[_previous[index]] = _next[index];
        }

        if (_next[index] == None)
        {
            Last = _previous[index];
        }
        else
        {
            _previous[_next[index]] = _previous[index];
        }
    }
}
