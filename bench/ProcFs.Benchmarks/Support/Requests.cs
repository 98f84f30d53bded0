using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProcFs.Fuse;
using ProcFs.Fuse.Wire;

namespace ProcFs.Benchmarks.Support;

/// <summary>Sends a dispatcher what the kernel sends for one reader of one file; every request has an id of its own.</summary>
internal sealed class Requests(Dispatcher dispatcher, ulong node, uint thread)
{
    private const uint ReaderBuffer = 65536;

    private readonly byte[] _request = new byte[256];
    private readonly byte[] _reply = new byte[RequestSlots.ReplySize];
    private ulong _unique;

    /// <summary>The handle.</summary>
    public ulong Open()
    {
        Send(FuseOpcode.FUSE_OPEN, new FuseOpenIn());
        return MemoryMarshal.Read<FuseOpenOut>(_reply.AsSpan(FuseOutHeader.Size)).Fh;
    }

    /// <summary>How many bytes of text came; directly, as read(2) does.</summary>
    public int Read(ulong handle, ulong offset)
        => Send(FuseOpcode.FUSE_READ, new FuseReadIn { Fh = handle, Offset = offset, Size = ReaderBuffer, ReadFlags = FuseReadIn.ReadLockOwner }) - FuseOutHeader.Size;

    public int GetAttributes() => Send(FuseOpcode.FUSE_GETATTR, new FuseGetattrIn());

    public int Release(ulong handle) => Send(FuseOpcode.FUSE_RELEASE, new FuseReleaseIn { Fh = handle });

    private int Send<T>(FuseOpcode opcode, in T body)
        where T : unmanaged
    {
        int length = FuseInHeader.Size + Unsafe.SizeOf<T>();
        FuseInHeader header = new() { Len = (uint)length, Opcode = opcode, Unique = _unique += 2, NodeId = node, Pid = thread };
        MemoryMarshal.Write(_request, in header);
        MemoryMarshal.Write(_request.AsSpan(FuseInHeader.Size), in body);
        int replied = dispatcher.Dispatch(_request.AsSpan(0, length), _reply, 0);
        return MemoryMarshal.Read<FuseOutHeader>(_reply).Error == 0 ? replied : throw new InvalidOperationException($"{opcode} was refused");
    }
}
