using System.Text;

namespace ProcFs.Fuse.Tests;

/// <summary>
/// /            1
/// ├── meminfo  2  direct I/O, size 0, handle 0x0102030405060708
/// ├── sub      3  a directory with 300 files (ids 1000 …)
/// ├── link     4  -> meminfo
/// ├── broken   5  every answer is an exception
/// └── big      6  300,000 bytes through the page cache
/// </summary>
internal class TinyFileSystem : IFileSystem
{
    public const ulong Handle = 0x0102030405060708;
    public const int BigSize = 300_000;
    public const int SubCount = 300;

    public static readonly byte[] Meminfo = Encoding.ASCII.GetBytes("MemTotal:          51200 kB\nMemFree:           40000 kB\n");

    private static readonly byte[][] Names = [.. Enumerable.Range(0, SubCount).Select(i => Encoding.ASCII.GetBytes($"file{i}"))];

    public long Releases;
    public ulong LastReleased;
    public RequestContext LastContext;

    public static byte BigByte(long offset) => (byte)(offset % 251);

    public virtual FuseErrno Lookup(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes)
    {
        LastContext = context;
        attributes = default;
        if (context.NodeId == 3)
        {
            attributes = NodeAttributes.File(1000);
            return FuseErrno.None;
        }

        if (context.NodeId != 1)
        {
            return FuseErrno.ENOTDIR;
        }

        ulong id = name switch
        {
            _ when name.SequenceEqual("meminfo"u8) => 2,
            _ when name.SequenceEqual("sub"u8) => 3,
            _ when name.SequenceEqual("link"u8) => 4,
            _ when name.SequenceEqual("broken"u8) => 5,
            _ when name.SequenceEqual("big"u8) => 6,
            _ when name.SequenceEqual("zero"u8) => 0,
            _ => ulong.MaxValue,
        };
        return id == 0 ? FuseErrno.None : Attributes(id, out attributes);
    }

    public virtual FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes) => Attributes(context.NodeId, out attributes);

    public virtual FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
    {
        reply = context.NodeId == 6 ? new OpenReply(0, OpenReplyFlags.KeepCache) : new OpenReply(Handle, OpenReplyFlags.DirectIo);
        return context.NodeId is 1 or 3 ? FuseErrno.EISDIR : FuseErrno.None;
    }

    public virtual FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
    {
        length = 0;
        switch (context.NodeId)
        {
            case 5:
                destination.Fill(0xee); // a half-made answer, which nobody may see
                throw new InvalidOperationException("broken on purpose");
            case 6:
                while (length < destination.Length && offset + length < BigSize)
                {
                    destination[length] = BigByte(offset + length);
                    length++;
                }

                return FuseErrno.None;
            case 2:
                ReadOnlySpan<byte> rest = offset >= Meminfo.Length ? default : Meminfo.AsSpan((int)offset);
                length = Math.Min(rest.Length, destination.Length);
                rest[..length].CopyTo(destination);
                return FuseErrno.None;
            default:
                return FuseErrno.EISDIR;
        }
    }

    public virtual void Release(in RequestContext context, ulong handle)
    {
        LastReleased = handle;
        Interlocked.Increment(ref Releases);
    }

    public virtual FuseErrno ReadDirectory(in RequestContext context, ulong offset, ref DirectoryWriter writer)
    {
        if (context.NodeId == 3)
        {
            for (ulong i = offset; i < SubCount && writer.TryAdd(1000 + i, i + 1, NodeKind.RegularFile, Names[i]); i++)
            {
            }

            return FuseErrno.None;
        }

        _ = (offset > 0 || writer.TryAdd(2, 1, NodeKind.RegularFile, "meminfo"u8))
            && (offset > 1 || writer.TryAdd(3, 2, NodeKind.Directory, "sub"u8))
            && (offset > 2 || writer.TryAdd(4, 3, NodeKind.SymbolicLink, "link"u8))
            && (offset > 3 || writer.TryAdd(6, 4, NodeKind.RegularFile, "big"u8));
        return context.NodeId == 1 ? FuseErrno.None : FuseErrno.ENOTDIR;
    }

    public virtual FuseErrno ReadLink(in RequestContext context, Span<byte> destination, out int length)
    {
        length = 0;
        if (context.NodeId != 4)
        {
            return FuseErrno.EINVAL;
        }

        "meminfo"u8.CopyTo(destination);
        length = 7;
        return FuseErrno.None;
    }

    private static FuseErrno Attributes(ulong id, out NodeAttributes attributes)
    {
        attributes = id switch
        {
            1 or 3 => NodeAttributes.Directory(id),
            4 => NodeAttributes.SymbolicLink(id, 7),
            6 => new NodeAttributes(id, NodeKind.RegularFile, NodeAttributes.ReadableByAll, BigSize),
            2 or 5 or (>= 1000 and < 1000 + SubCount) => NodeAttributes.File(id),
            _ => default,
        };
        return attributes.NodeId == 0 ? FuseErrno.ENOENT : FuseErrno.None;
    }
}
