using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;
using ProcFs.Fuzz.Engine;

namespace ProcFs.Fuzz.Targets;

/// <summary>What an answer to a request keeps to: the kernel takes one that does not for the end of the connection, or hands it to a reader.</summary>
internal static class FuseReplies
{
    private const int LargestErrno = 511;

    /// <param name="request">What was asked.</param>
    /// <param name="reply">The answer, as long as it was said to be.</param>
    public static void Check(ReadOnlySpan<byte> request, ReadOnlySpan<byte> reply)
    {
        bool hasHeader = MemoryMarshal.TryRead(request, out FuseInHeader header);
        bool isDue = hasHeader && header.Unique != 0
            && header.Opcode is not (FuseOpcode.FUSE_FORGET or FuseOpcode.FUSE_BATCH_FORGET or FuseOpcode.FUSE_INTERRUPT);
        FuzzDefect.Unless(isDue == (reply.Length > 0), "exactly the requests that want an answer get one");
        if (!isDue)
        {
            return;
        }

        FuseOutHeader answer = MemoryMarshal.Read<FuseOutHeader>(reply);
        FuzzDefect.Unless(answer.Len == reply.Length, "an answer says how long it is");
        FuzzDefect.Unless(answer.Unique == header.Unique, "an answer has the id of its request");
        FuzzDefect.Unless(answer.Error is >= -LargestErrno and <= 0, "an error is an errno");
        if (answer.Error != 0)
        {
            FuzzDefect.Unless(reply.Length == FuseOutHeader.Size, "an error is all of its answer");
            return;
        }

        Success(header, request, reply[FuseOutHeader.Size..]);
    }

    private static void Success(in FuseInHeader header, ReadOnlySpan<byte> request, ReadOnlySpan<byte> body)
    {
        switch (header.Opcode)
        {
            case FuseOpcode.FUSE_LOOKUP: Fixed<FuseEntryOut>(body); break;
            case FuseOpcode.FUSE_GETATTR or FuseOpcode.FUSE_SETATTR: Fixed<FuseAttrOut>(body); break;
            case FuseOpcode.FUSE_OPEN or FuseOpcode.FUSE_OPENDIR: Fixed<FuseOpenOut>(body); break;
            case FuseOpcode.FUSE_INIT: Fixed<FuseInitOut>(body); break;
            case FuseOpcode.FUSE_STATFS: Fixed<FuseStatfsOut>(body); break;
            case FuseOpcode.FUSE_WRITE: Fixed<FuseWriteOut>(body); break;
            case FuseOpcode.FUSE_POLL: Fixed<FusePollOut>(body); break;
            case FuseOpcode.FUSE_READ: FuzzDefect.Unless(body.Length <= SizeOf(request), "a READ gets no more than it asked for"); break;
            case FuseOpcode.FUSE_READDIR: Entries(body, SizeOf(request)); break;
            default: FuzzDefect.Unless(body.IsEmpty, "a request that gets nothing but success gets no bytes"); break;
        }
    }

    private static uint SizeOf(ReadOnlySpan<byte> request)
        => MemoryMarshal.TryRead(request[FuseInHeader.Size..], out FuseReadIn read) ? read.Size : throw new FuzzDefect("a READ that is too short fails");

    private static void Fixed<T>(ReadOnlySpan<byte> body)
        where T : unmanaged
        => FuzzDefect.Unless(body.Length == Unsafe.SizeOf<T>(), "an answer has the length of its struct");

    private static void Entries(ReadOnlySpan<byte> body, uint asked)
    {
        FuzzDefect.Unless(body.Length <= asked, "a READDIR gets no more than it asked for");
        ulong last = 0;
        while (!body.IsEmpty)
        {
            FuzzDefect.Unless(MemoryMarshal.TryRead(body, out FuseDirent entry), "an entry of a directory is whole");
            int length = FuseDirent.Size + (int)entry.NameLength;
            int padded = (length + 7) & ~7;
            FuzzDefect.Unless(entry.NameLength is > 0 and <= 255 && padded <= body.Length, "an entry of a directory is whole");
            ReadOnlySpan<byte> name = body[FuseDirent.Size..length];
            FuzzDefect.Unless(!name.ContainsAny((byte)'/', (byte)0) && body[length..padded].IndexOfAnyExcept((byte)0) < 0, "an entry has a name, and zeros behind it");
            FuzzDefect.Unless(entry.Off > last && entry.Off <= long.MaxValue && entry.Ino != 0, "a listing goes on, and has an end");
            last = entry.Off;
            body = body[padded..];
        }
    }
}
