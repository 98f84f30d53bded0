using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>Writes one reply: a header and, on success, exactly the payload the opcode defines.</summary>
internal readonly ref struct ReplyWriter(Span<byte> reply)
{
    /// <summary>Larger ones are the kernel's own (ERESTARTSYS and friends); it answers a reply that has one with EINVAL.</summary>
    public const int MaxErrno = 511;

    private readonly Span<byte> _reply = reply;

    /// <summary>Where the payload goes.</summary>
    public Span<byte> Payload => _reply[FuseOutHeader.Size..];

    /// <summary>Writes a structure as the whole payload; its length.</summary>
    public int Write<T>(in T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(Payload, in value);
        return Unsafe.SizeOf<T>();
    }

    /// <summary>Completes the reply to a request; its length.</summary>
    /// <param name="unique">Of the request, with all its bits.</param>
    /// <param name="result">Length of the payload, or -errno down to -<see cref="MaxErrno"/>.</param>
    public int Complete(ulong unique, int result)
    {
        FuseOutHeader header = new()
        {
            Len = (uint)(FuseOutHeader.Size + Math.Max(result, 0)),
            Error = Math.Min(result, 0),
            Unique = unique,
        };
        MemoryMarshal.Write(_reply, in header);
        return (int)header.Len;
    }
}
