using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>
/// What one open file shows: a text made at offset 0, of which later offsets are slices, so that a reader with a small buffer
/// never sees two moments mixed. The lock is taken by whoever reads through it, and held while the text is made; opening and closing
/// other files never waits for it.
/// </summary>
internal sealed unsafe class OpenFile(Snapshot* entry, byte* text, bool hasPages)
{
    // A text that is too long for the table is kept here, and made anew after a crash.
    private TextBuffer? _long;
    private uint _longFor;
    private ulong _longBy;

    public Lock Lock { get; } = new();

    /// <summary>The generation of the handle it belongs to; 0 while it is free. Can change at any moment.</summary>
    public uint Generation
    {
        get => Volatile.Read(ref entry->Generation);
        set => Volatile.Write(ref entry->Generation, value);
    }

    public ulong NodeId => Volatile.Read(ref entry->NodeId);

    public ulong OpenedBy => Volatile.Read(ref entry->OpenedBy);

    /// <summary>Whether the text's place in the table has memory. Read and set with the lock held.</summary>
    public bool HasPages { get; set; } = hasPages;

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
    }

    /// <summary>Whether a text was made for a generation. With the lock held, like everything below.</summary>
    public bool HasText(uint generation) => entry->RenderedFor == generation || _longFor == generation;

    /// <summary>Whether a generation's text was made for this very READ, which is being executed once more.</summary>
    public bool HasTextBy(uint generation, ulong read)
        => (entry->RenderedFor == generation && entry->RenderedBy == read) || (_longFor == generation && _longBy == read);

    /// <summary>The text made for a generation.</summary>
    public ReadOnlySpan<byte> TextOf(uint generation)
        => entry->RenderedFor == generation ? new ReadOnlySpan<byte>(text, Math.Clamp(entry->Length, 0, SnapshotTable.LongestText))
            : _longFor == generation ? _long!.Text
            : default;

    /// <summary>
    /// Keeps a text. While it is half written it is nobody's; a daemon killed in between leaves none. A long one goes into
    /// <paramref name="longTexts"/>' buffer.
    /// </summary>
    public void Keep(uint generation, ulong read, ReadOnlySpan<byte> made, LongTexts longTexts)
    {
        Volatile.Write(ref entry->RenderedFor, 0);
        _longFor = 0;
        if (made.Length > SnapshotTable.LongestText)
        {
            _long ??= longTexts.Rent();
            _long.Clear();
            _long.Write(made);
            (_longBy, _longFor) = (read, generation);
            return;
        }

        HasPages = true;
        // The text must not be touched before that is written.
        Interlocked.MemoryBarrier();
        made.CopyTo(new Span<byte>(text, SnapshotTable.LongestText));
        entry->Length = made.Length;
        entry->RenderedBy = read;
        Volatile.Write(ref entry->RenderedFor, generation);
    }

    /// <summary>Its buffer for a long text, which it gives up; null: it has none.</summary>
    public TextBuffer? TakeLongText()
    {
        TextBuffer? taken = _long;
        _long = null;
        _longFor = 0;
        return taken;
    }
}
