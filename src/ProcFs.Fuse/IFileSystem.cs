namespace ProcFs.Fuse;

/// <summary>
/// A small tree that is read, but for a file here and there that takes a line, asked by all workers at once. Implementations never resolve a path on their own mount: the request
/// would wait for a worker that waits for it. An exception is a fault of the server: that one request is answered EIO and the
/// stack logged once per place.
/// </summary>
public interface IFileSystem
{
    /// <summary>Finds a name in the directory <see cref="RequestContext.NodeId"/>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="name">1 to 255 bytes, without '/' and NUL; "." and ".." are possible in theory, the kernel resolves them itself.</param>
    /// <param name="attributes">The node found.</param>
    /// <returns>ENOENT when there is none, ENOTDIR when the parent is not a directory.</returns>
    FuseErrno Lookup(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes);

    /// <summary>The attributes of a node; ENOENT when it is gone.</summary>
    FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes);

    /// <summary>Whether a node may be opened for writing. Setting its size, as open(2) with O_TRUNC does, then does nothing, as in procfs.</summary>
    bool IsWritable(in RequestContext context) => false;

    /// <summary>Opens a file; for writing only where <see cref="IsWritable"/> says so.</summary>
    /// <param name="context">The request.</param>
    /// <param name="openFlags">The O_* flags of open(2) that the kernel passes on.</param>
    /// <param name="reply">The handle, and how the kernel treats the open file.</param>
    FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply);

    /// <summary>Reads from an open file; nothing written means end of file.</summary>
    /// <param name="context">The request.</param>
    /// <param name="handle">From <see cref="Open"/>. After a restart it may be unknown.</param>
    /// <param name="offset">In bytes, not negative; offset + destination length does not overflow.</param>
    /// <param name="destination">Never empty. Any part of it may be filled, from the start.</param>
    /// <param name="length">Bytes written.</param>
    FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length);

    /// <summary>
    /// Writes to a file that <see cref="IsWritable"/>. Done once more for the same request, by this server or a successor, it must do no
    /// harm and have the same result.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="handle">From <see cref="Open"/>.</param>
    /// <param name="data">All of it is taken, or none.</param>
    FuseErrno Write(in RequestContext context, ulong handle, ReadOnlySpan<byte> data) => FuseErrno.EROFS;

    /// <summary>What an open file is ready for; never ENOSYS.</summary>
    /// <param name="context">The request.</param>
    /// <param name="handle">From <see cref="Open"/>.</param>
    /// <param name="pollHandle">The kernel's name for the open file: with it <see cref="FuseDevice.WakePoll"/> has it ask again.</param>
    /// <param name="events">The answer.</param>
    FuseErrno Poll(in RequestContext context, ulong handle, ulong pollHandle, out PollEvents events)
    {
        events = PollEvents.Default;
        return FuseErrno.None;
    }

    /// <summary>The last reference to an open file is gone. Comes later than close(2), and tells nothing about who closed it.</summary>
    void Release(in RequestContext context, ulong handle);

    /// <summary>
    /// The kernel did not want the answer to an OPEN that a successor has executed, perhaps once more: the file was opened, and maybe
    /// closed again, with the predecessor's answer. A handle that was made by this execution and by no other can be given up.
    /// </summary>
    /// <param name="context">The OPEN.</param>
    /// <param name="handle">From <see cref="Open"/>, just now.</param>
    void Withdraw(in RequestContext context, ulong handle)
    {
    }

    /// <summary>
    /// The kernel did not want the answer to a WRITE that a successor has executed, perhaps once more. What was made by this execution and
    /// by no other can be taken back.
    /// </summary>
    /// <param name="context">The WRITE.</param>
    /// <param name="handle">It was written to.</param>
    void WithdrawWrite(in RequestContext context, ulong handle)
    {
    }

    /// <summary>
    /// Whether the request that a worker has just answered left it something to do that nobody waits for. If so, <see cref="DoMore"/> is
    /// called next, by the same worker.
    /// </summary>
    bool HasMore(int workerIndex) => false;

    /// <summary>Does it, while the answer is on its way. It may take as long as a request, and is no request: an exception is logged, nothing else.</summary>
    void DoMore(int workerIndex)
    {
    }

    /// <summary>Lists a directory.</summary>
    /// <param name="context">The request.</param>
    /// <param name="offset">0 at first, later the nextOffset of the last record taken.</param>
    /// <param name="writer">Takes records until it is full; none added means the end.</param>
    FuseErrno ReadDirectory(in RequestContext context, ulong offset, ref DirectoryWriter writer);

    /// <summary>The target of a symbolic link, 1 to 4095 bytes without NUL.</summary>
    FuseErrno ReadLink(in RequestContext context, Span<byte> destination, out int length);
}
