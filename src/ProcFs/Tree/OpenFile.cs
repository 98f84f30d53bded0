namespace ProcFs.Tree;

/// <summary>
/// What one open file shows: a text made at offset 0, of which later offsets are slices, so that a reader with a small buffer
/// never sees two moments mixed. The lock is taken by whoever reads through it, and held while the text is made; opening and closing
/// other files never waits for it.
/// </summary>
internal sealed unsafe class OpenFile(Snapshot* entry, byte* text)
{
    public Lock Lock { get; } = new();

    /// <summary>The generation of the handle it belongs to; 0 while it is free. Can change at any moment.</summary>
    public uint Generation
    {
        get => Volatile.Read(ref entry->Generation);
        set => Volatile.Write(ref entry->Generation, value);
    }

    public ulong NodeId => Volatile.Read(ref entry->NodeId);

    public ulong OpenedBy => Volatile.Read(ref entry->OpenedBy);

    /// <summary>
    /// How often the OPEN was executed and may have been answered. One of an earlier daemon counts once. Read and set with the table's
    /// lock held.
    /// </summary>
    public int Opens { get; set; } = 1;

    /// <summary>How many pages the text's place has. Set with both locks held, this one's and the table's.</summary>
    public int Pages
    {
        get => Volatile.Read(ref entry->Pages);
        set => Volatile.Write(ref entry->Pages, value);
    }

    /// <summary>
    /// Belongs to somebody else from now on. In this order: whoever finds the new generation, or nothing after a kill in between, never
    /// finds what belonged to the old one.
    /// </summary>
    public void GiveTo(uint generation, ulong nodeId, ulong openedBy)
    {
        Generation = 0;
        Volatile.Write(ref entry->NodeId, nodeId);
        Volatile.Write(ref entry->OpenedBy, openedBy);
        Generation = generation;
        Opens = 1;
    }

    /// <summary>Whether a text was made for a generation. With the lock held, like everything below.</summary>
    public bool HasText(uint generation) => entry->RenderedFor == generation;

    /// <summary>
    /// Whether a generation's text is the answer to this READ at offset 0: made for that very READ, which is being executed once more, or
    /// for a later one (ids only grow), whose reader has gone on in it.
    /// </summary>
    public bool HasTextFor(uint generation, ulong read) => entry->RenderedFor == generation && entry->RenderedBy >= read;

    /// <summary>The text made for a generation.</summary>
    public ReadOnlySpan<byte> TextOf(uint generation)
        => entry->RenderedFor == generation ? new ReadOnlySpan<byte>(text, Math.Clamp(entry->Length, 0, SnapshotTable.LongestText)) : default;

    /// <summary>There is no text from now on, also after a kill. Whatever follows touches the text only after that is written.</summary>
    public void Drop()
    {
        Volatile.Write(ref entry->RenderedFor, 0);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Keeps a text after <see cref="Drop"/>. While it is half written it is nobody's; a daemon killed in between leaves none.</summary>
    public void Keep(uint generation, ulong read, ReadOnlySpan<byte> made)
    {
        made.CopyTo(new Span<byte>(text, SnapshotTable.LongestText));
        entry->Length = made.Length;
        entry->RenderedBy = read;
        Volatile.Write(ref entry->RenderedFor, generation);
    }
}
