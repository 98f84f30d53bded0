using ProcFs.Fuse;

namespace ProcFs.Keeping;

/// <summary>
/// What readers get when nobody serves: an error, at once. What the library answers by itself, INIT and RELEASE among it, is answered as
/// ever, so that the connection lives on for the next server.
/// </summary>
internal sealed class RefusingFileSystem : IFileSystem
{
    public FuseErrno Lookup(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes)
    {
        attributes = default;
        return FuseErrno.EIO;
    }

    public FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes)
    {
        attributes = default;
        return FuseErrno.EIO;
    }

    public FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
    {
        reply = default;
        return FuseErrno.EIO;
    }

    public FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
    {
        length = 0;
        return FuseErrno.EIO;
    }

    /// <summary>Not "nothing has happened": who waits for something would wait on, and nobody would remember it.</summary>
    public FuseErrno Poll(in RequestContext context, ulong handle, ulong pollHandle, out PollEvents events)
    {
        events = PollEvents.None;
        return FuseErrno.EIO;
    }

    /// <summary>Handles of servers: they sort out by themselves which are still open.</summary>
    public void Release(in RequestContext context, ulong handle)
    {
    }

    public FuseErrno ReadDirectory(in RequestContext context, ulong offset, ref DirectoryWriter writer) => FuseErrno.EIO;

    public FuseErrno ReadLink(in RequestContext context, Span<byte> destination, out int length)
    {
        length = 0;
        return FuseErrno.EIO;
    }
}
