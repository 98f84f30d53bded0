using System.Runtime.InteropServices;

namespace ProcFs.Tree;

/// <summary>What is kept of one open file, beside its text: a line of the table that a successor takes over.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct Snapshot
{
    /// <summary>The generation of the handle it belongs to; 0 while it is free. Can change at any moment.</summary>
    public uint Generation;

    /// <summary>The generation that the text was made for. Another one than <see cref="Generation"/>: there is no text.</summary>
    public uint RenderedFor;

    /// <summary>The file that is open.</summary>
    public ulong NodeId;

    /// <summary>The id of the OPEN that made it.</summary>
    public ulong OpenedBy;

    /// <summary>The id of the READ that the text was made for.</summary>
    public ulong RenderedBy;

    /// <summary>Of the text, in bytes.</summary>
    public int Length;

    /// <summary>How many pages of memory the text's place has at most: as many as its longest text since they were given back.</summary>
    public int Pages;
}
