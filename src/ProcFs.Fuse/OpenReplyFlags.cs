using System.Diagnostics.CodeAnalysis;

namespace ProcFs.Fuse;

/// <summary>FOPEN_* of the kernel: how an open file is treated.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711", Justification = "These are the open_flags of struct fuse_open_out.")]
public enum OpenReplyFlags
{
    /// <summary>Page cache, emptied at every open; reads stop at the size in the attributes.</summary>
    None = 0,

    /// <summary>FOPEN_DIRECT_IO: every read(2) becomes a READ, the size in the attributes does not matter.</summary>
    DirectIo = 1,

    /// <summary>FOPEN_KEEP_CACHE: pages read through an earlier open file stay.</summary>
    KeepCache = 2,

    /// <summary>FOPEN_NONSEEKABLE: lseek(2) fails.</summary>
    NonSeekable = 4,

    /// <summary>FOPEN_STREAM: the file has no position.</summary>
    Stream = 16,
}
