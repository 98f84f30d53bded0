using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

/// <summary>Makes requests as the kernel does, and takes replies apart.</summary>
internal static class Message
{
    public static byte[] Request(FuseOpcode opcode, ulong nodeId, ReadOnlySpan<byte> body = default, ulong unique = 2, uint pid = 77)
    {
        byte[] message = new byte[FuseInHeader.Size + body.Length];
        FuseInHeader header = new() { Len = (uint)message.Length, Opcode = opcode, Unique = unique, NodeId = nodeId, Pid = pid };
        MemoryMarshal.Write(message, in header);
        body.CopyTo(message.AsSpan(FuseInHeader.Size));
        return message;
    }

    public static byte[] Body<T>(in T value)
        where T : unmanaged
        => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    public static byte[] Name(string name) => Encoding.UTF8.GetBytes(name + "\0");

    public static byte[] Read(ulong nodeId, ulong offset, uint size, ulong unique = 2, ulong handle = 0)
        => Request(FuseOpcode.FUSE_READ, nodeId, Body(new FuseReadIn { Fh = handle, Offset = offset, Size = size }), unique);

    public static byte[] Write(ulong nodeId, ulong handle, ReadOnlySpan<byte> data, ulong unique = 2, ulong offset = 0)
        => Request(FuseOpcode.FUSE_WRITE, nodeId, [.. Body(new FuseWriteIn { Fh = handle, Offset = offset, Size = (uint)data.Length }), .. data], unique);

    public static byte[] ReadDirectory(ulong nodeId, ulong offset, uint size)
        => Request(FuseOpcode.FUSE_READDIR, nodeId, Body(new FuseReadIn { Offset = offset, Size = size }));

    public static byte[] Init(uint major, uint minor, ulong flags, bool isLong = true)
    {
        byte[] body = new byte[isLong ? 64 : 16];
        FuseInitIn init = new() { Major = major, Minor = minor, MaxReadahead = 0x20000, Flags = (uint)flags };
        MemoryMarshal.Write(body, in init);
        if (isLong)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(16), (uint)(flags >> 32));
        }

        return Request(FuseOpcode.FUSE_INIT, 0, body);
    }

    /// <summary>A reply with nothing but a header.</summary>
    public static byte[] Error(FuseErrno errno, ulong unique = 2)
    {
        byte[] reply = new byte[FuseOutHeader.Size];
        FuseOutHeader header = new() { Len = FuseOutHeader.Size, Error = -(int)errno, Unique = unique };
        MemoryMarshal.Write(reply, in header);
        return reply;
    }

    public static FuseOutHeader Header(ReadOnlySpan<byte> reply) => MemoryMarshal.Read<FuseOutHeader>(reply);

    public static T Payload<T>(byte[] reply)
        where T : unmanaged
    {
        Assert.Equal(0, Header(reply).Error);
        Assert.Equal(FuseOutHeader.Size + Unsafe.SizeOf<T>(), reply.Length);
        return MemoryMarshal.Read<T>(reply.AsSpan(FuseOutHeader.Size));
    }

    /// <summary>The names of a READDIR reply with their cookies.</summary>
    public static List<(string Name, ulong Next, uint Type, ulong Ino)> Entries(byte[] reply)
    {
        List<(string, ulong, uint, ulong)> entries = [];
        ReadOnlySpan<byte> rest = reply.AsSpan(FuseOutHeader.Size);
        while (!rest.IsEmpty)
        {
            FuseDirent dirent = MemoryMarshal.Read<FuseDirent>(rest);
            int length = FuseDirent.Size + (int)dirent.NameLength;
            int padded = (length + 7) / 8 * 8;
            entries.Add((Encoding.UTF8.GetString(rest[FuseDirent.Size..length]), dirent.Off, dirent.Type, dirent.Ino));
            Assert.True(rest[length..padded].IndexOfAnyExcept((byte)0) < 0, "padding is not zero");
            rest = rest[padded..];
        }

        return entries;
    }
}
