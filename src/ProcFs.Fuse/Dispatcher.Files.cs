using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

// OPEN, READ, WRITE, RELEASE, POLL
public sealed partial class Dispatcher
{
    private const uint AccessModeMask = 0x3; // O_ACCMODE; O_RDONLY is 0
    private const uint Truncate = 0x200;     // O_TRUNC

    internal int Open(ref Request request)
    {
        if (!request.Body.TryRead(out FuseOpenIn open))
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        // Mode bits do not stop root.
        if ((open.Flags & (AccessModeMask | Truncate)) != 0 && !_fileSystem.IsWritable(in request.Context))
        {
            return -(int)FuseErrno.EACCES;
        }

        FuseErrno error = _fileSystem.Open(in request.Context, open.Flags, out OpenReply reply);
        return error != FuseErrno.None
            ? Failure(error)
            : request.Reply.Write(new FuseOpenOut { Fh = reply.Handle, OpenFlags = reply.Flags });
    }

    internal int Read(ref Request request)
    {
        if (!request.Body.TryRead(out FuseReadIn read) || read.Offset > long.MaxValue)
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        // No byte lies beyond the largest offset, and offset + length must not wrap in the filesystem either.
        ulong size = Math.Min(read.Size, long.MaxValue - read.Offset);
        Span<byte> destination = Limit(request.Reply.Payload, size);
        if (destination.IsEmpty)
        {
            return 0;
        }

        RequestContext context = (read.ReadFlags & FuseReadIn.ReadLockOwner) != 0 ? request.Context : request.Context.ForPageCache();
        FuseErrno error = _fileSystem.Read(in context, read.Fh, (long)read.Offset, destination, out int length);
        return error == FuseErrno.None ? Checked(length, 0, destination.Length) : Failure(error);
    }

    internal int Write(ref Request request)
    {
        if (!_fileSystem.IsWritable(in request.Context))
        {
            return -(int)FuseErrno.EROFS;
        }

        // Where it is written to says nothing: what takes a line has no places.
        if (!request.Body.TryRead(out FuseWriteIn write) || write.Size != request.Body.Rest.Length)
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        FuseErrno error = _fileSystem.Write(in request.Context, write.Fh, request.Body.Rest);
        return error == FuseErrno.None ? request.Reply.Write(new FuseWriteOut { Size = write.Size }) : Failure(error);
    }

    internal int Release(ref Request request)
    {
        if (!request.Body.TryRead(out FuseReleaseIn release))
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        _fileSystem.Release(in request.Context, release.Fh);
        return 0;
    }

    /// <summary>Takes an OPEN or a WRITE back whose reply the kernel did not want.</summary>
    internal void Withdraw(ReadOnlySpan<byte> request, ReadOnlySpan<byte> reply, int workerIndex)
    {
        FuseInHeader header = MemoryMarshal.Read<FuseInHeader>(request);
        if (MemoryMarshal.Read<FuseOutHeader>(reply).Error != 0)
        {
            return;
        }

        RequestContext context = new(header.Unique, header.NodeId, header.Pid, header.Uid, header.Gid, workerIndex);
        if (header.Opcode == FuseOpcode.FUSE_OPEN)
        {
            _fileSystem.Withdraw(in context, MemoryMarshal.Read<FuseOpenOut>(reply[FuseOutHeader.Size..]).Fh);
        }
        else if (header.Opcode == FuseOpcode.FUSE_WRITE)
        {
            // It was long enough to succeed.
            _fileSystem.WithdrawWrite(in context, MemoryMarshal.Read<FuseWriteIn>(request[FuseInHeader.Size..]).Fh);
        }
    }

    internal int Poll(ref Request request)
    {
        if (!request.Body.TryRead(out FusePollIn poll))
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        FuseErrno error = _fileSystem.Poll(in request.Context, poll.Fh, poll.Kh, out PollEvents events);
        // ENOSYS would be remembered for ever.
        events = error == FuseErrno.ENOSYS ? PollEvents.Default : events;
        return error is FuseErrno.None or FuseErrno.ENOSYS ? request.Reply.Write(new FusePollOut { Revents = (uint)events }) : Failure(error);
    }
}
