using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

// LOOKUP, GETATTR, SETATTR, READLINK, OPENDIR, READDIR
public sealed partial class Dispatcher
{
    /// <summary>
    /// How long the kernel trusts names and attributes, in seconds. Long, because the tree hardly changes and with
    /// default_permissions every expiry costs each open a GETATTR.
    /// </summary>
    private const ulong LifetimeSeconds = 3600;

    /// <summary>The same for attributes that can change.</summary>
    private const ulong ShortLifetimeSeconds = 1;

    /// <summary>Node ids are never reused on a connection, so one generation is enough.</summary>
    private const ulong Generation = 1;

    private const uint BlockSize = 4096;

    /// <summary>st_blocks counts in 512 bytes whatever st_blksize says (stat(2)).</summary>
    private const uint SectorSize = 512;

    internal int Lookup(ref Request request)
    {
        FuseErrno error = FuseName.TryParse(request.Body.Rest, out ReadOnlySpan<byte> name);
        if (error == FuseErrno.EINVAL)
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        NodeAttributes node = default;
        if (error == FuseErrno.None)
        {
            error = _fileSystem.Lookup(in request.Context, name, out node);
        }

        return error != FuseErrno.None ? Failure(error) : request.Reply.Write(new FuseEntryOut
        {
            NodeId = node.NodeId,
            Generation = Generation,
            EntryValid = node.NameMayChange ? 0 : LifetimeSeconds,
            AttrValid = LifetimeOf(in node),
            Attr = Attributes(in node),
        });
    }

    internal int GetAttributes(ref Request request)
    {
        FuseErrno error = _fileSystem.GetAttributes(in request.Context, out NodeAttributes node);
        return error != FuseErrno.None ? Failure(error) : request.Reply.Write(new FuseAttrOut
        {
            AttrValid = LifetimeOf(in node),
            Attr = Attributes(in node),
        });
    }

    /// <summary>Nothing can be set. Of a file that is written to the size may be given, and stays what it is: open(2) with O_TRUNC asks for that.</summary>
    internal int SetAttributes(ref Request request)
        => _fileSystem.IsWritable(in request.Context)
            && request.Body.TryRead(out FuseSetattrIn set)
            && (set.Valid & FuseSetattrIn.SetsSize) != 0 && (set.Valid & FuseSetattrIn.SetsOwnerOrMode) == 0
                ? GetAttributes(ref request)
                : -(int)FuseErrno.EPERM;

    internal int ReadLink(ref Request request)
    {
        // PATH_MAX - 1: the kernel adds the NUL.
        Span<byte> target = request.Reply.Payload;
        target = target[..Math.Min(target.Length, 4095)];
        FuseErrno error = _fileSystem.ReadLink(in request.Context, target, out int length);
        return error == FuseErrno.None ? Checked(length, 1, target.Length) : Failure(error);
    }

    // Nothing is kept per open directory: a listing goes on from the offset alone.
    internal static int OpenDirectory(ref Request request) => request.Reply.Write(default(FuseOpenOut));

    internal int ReadDirectory(ref Request request)
    {
        if (!request.Body.TryRead(out FuseReadIn read) || read.Offset > long.MaxValue)
        {
            return Malformed(request.Header.Opcode, (int)request.Header.Len);
        }

        DirectoryWriter writer = new(Limit(request.Reply.Payload, read.Size));
        FuseErrno error = _fileSystem.ReadDirectory(in request.Context, read.Offset, ref writer);
        if (error == FuseErrno.None && writer is { IsFull: true, Length: 0 })
        {
            error = FuseErrno.EINVAL; // as getdents(2): no room for a single record; an empty answer would mean the end
        }

        return error == FuseErrno.None ? writer.Length : Failure(error);
    }

    private static ulong LifetimeOf(in NodeAttributes node) => node.MayChange ? ShortLifetimeSeconds : LifetimeSeconds;

    private FuseAttr Attributes(in NodeAttributes node)
    {
        if (node.NodeId == 0)
        {
            throw new InvalidOperationException("The filesystem answered with node id 0, which the kernel takes for a name that does not exist.");
        }

        ulong time = (ulong)_session.NodeTime.ToUnixTimeSeconds();
        return new FuseAttr
        {
            Ino = node.NodeId,
            Size = (ulong)Math.Max(node.Size, 0),
            // None that are missing: a file with fewer blocks than its size wants looks sparse to cp and grep.
            Blocks = ((ulong)Math.Max(node.Size, 0) + SectorSize - 1) / SectorSize,
            Atime = time,
            Mtime = time,
            Ctime = time,
            MtimeNsec = node.Version,
            Mode = TypeBits(node.Kind) | (node.Permissions & 0xfffu),
            Nlink = node.Kind == NodeKind.Directory ? 2u : 1u,
            BlkSize = BlockSize,
        };
    }

    /// <summary>S_IF* of inode(7).</summary>
    private static uint TypeBits(NodeKind kind) => kind switch
    {
        NodeKind.Directory => 0x4000,
        NodeKind.SymbolicLink => 0xa000,
        _ => 0x8000,
    };

    private static Span<byte> Limit(Span<byte> payload, ulong size) => payload[..(int)Math.Min((ulong)payload.Length, size)];

    private static int Checked(int length, int least, int most)
    {
        if (length < least || length > most)
        {
            throw new InvalidOperationException($"The filesystem says it wrote {length} bytes; {least} to {most} are possible.");
        }

        return length;
    }
}
