namespace ProcFs.Fuse;

/// <summary>The answer to OPEN (struct fuse_open_out).</summary>
/// <param name="Handle">Comes back with every READ and RELEASE of this open file. Any number; 0 when none is needed.</param>
/// <param name="Flags">How the kernel treats the open file.</param>
public readonly record struct OpenReply(ulong Handle, OpenReplyFlags Flags);
