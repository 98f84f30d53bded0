using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>
/// What one open file shows: a text made at offset 0, of which later offsets are slices, so that a reader with a small buffer
/// never sees two moments mixed. Locked by whoever reads through it; one reader at a time is all a file position allows.
/// </summary>
internal sealed class OpenFile
{
    public Lock Lock { get; } = new();

    /// <summary>Grows each time the entry is given to another open file; 0 while it is free.</summary>
    public uint Generation { get; set; }

    /// <summary>Whether <see cref="Text"/> has been made.</summary>
    public bool IsRendered { get; set; }

    /// <summary>Null until the first read.</summary>
    public TextBuffer? Text { get; set; }
}
