namespace ProcFs.Cgroups;

/// <summary>A list that is filled again and again and keeps its memory, so that the steady state allocates nothing.</summary>
internal sealed class ReusedList<T>
    where T : struct
{
    private T[] _items = [];

    public int Count { get; private set; }

    public Span<T> Items => _items.AsSpan(0, Count);

    public void Clear() => Count = 0;

    /// <summary>Appends a zeroed element; the reference is valid until the next one is added.</summary>
    public ref T Add()
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Math.Max(8, Count * 2));
        }

        ref T item = ref _items[Count++];
        item = default;
        return ref item;
    }

    public void Add(T item) => Add() = item;

    public void AddAll(ReadOnlySpan<T> items)
    {
        if (_items.Length - Count < items.Length)
        {
            Array.Resize(ref _items, Math.Max(_items.Length * 2, Count + items.Length));
        }

        items.CopyTo(_items.AsSpan(Count));
        Count += items.Length;
    }
}
