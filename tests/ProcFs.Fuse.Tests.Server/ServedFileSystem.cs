using System.Diagnostics;

namespace ProcFs.Fuse.Tests;

/// <summary>
/// The tiny tree, all of it by direct I/O, and two more files with meminfo's content:
/// slow   100  the first server of a session never answers
/// fatal  101  whoever reads it ends the server
/// </summary>
internal sealed class ServedFileSystem(ulong epoch) : TinyFileSystem
{
    private const ulong Slow = 100;
    private const ulong Fatal = 101;

    private int _reads;

    public override FuseErrno Lookup(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes)
    {
        if (context.NodeId == 1 && (name.SequenceEqual("slow"u8) || name.SequenceEqual("fatal"u8)))
        {
            attributes = NodeAttributes.File(name[0] == (byte)'s' ? Slow : Fatal);
            return FuseErrno.None;
        }

        return base.Lookup(in context, name, out attributes);
    }

    public override FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes)
    {
        attributes = NodeAttributes.File(context.NodeId);
        return context.NodeId is Slow or Fatal ? FuseErrno.None : base.GetAttributes(in context, out attributes);
    }

    public override FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
    {
        FuseErrno error = base.Open(in context, openFlags, out reply);
        reply = new OpenReply(reply.Handle, OpenReplyFlags.DirectIo);
        return error;
    }

    public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
    {
        switch (context.NodeId)
        {
            case Slow when epoch == 1:
                Thread.Sleep(Timeout.Infinite);
                break;
            case Fatal:
                using (Process self = Process.GetCurrentProcess())
                {
                    self.Kill();
                }

                Thread.Sleep(Timeout.Infinite);
                break;
        }

        if (Interlocked.Increment(ref _reads) % 16 == 0)
        {
            Thread.Sleep(1); // a kill finds requests in hand more often
        }

        if (context.NodeId is not Slow)
        {
            return base.Read(in context, handle, offset, destination, out length);
        }

        ReadOnlySpan<byte> rest = Meminfo.AsSpan((int)Math.Min(offset, Meminfo.Length));
        length = Math.Min(rest.Length, destination.Length);
        rest[..length].CopyTo(destination);
        return FuseErrno.None;
    }
}
