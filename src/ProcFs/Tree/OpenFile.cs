using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>
/// What one open file shows: a text made at offset 0, of which later offsets are slices, so that a reader with a small buffer
/// never sees two moments mixed. The lock is taken by whoever reads through it, and held while the text is made; opening and closing
/// other files never waits for it.
/// </summary>
internal sealed class OpenFile
{
    private uint _generation;

    public Lock Lock { get; } = new();

    /// <summary>The generation of the handle it belongs to; 0 while it is free. Can change at any moment.</summary>
    public uint Generation
    {
        get => Volatile.Read(ref _generation);
        set => Volatile.Write(ref _generation, value);
    }

    /// <summary>The generation that <see cref="Text"/> was made for; 0: for none. Read and set with the lock held.</summary>
    public uint RenderedFor { get; set; }

    /// <summary>Null while there is no text. Read and set with the lock held.</summary>
    public TextBuffer? Text { get; set; }
}
