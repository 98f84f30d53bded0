using System.Text;
using ProcFs.Fuse;

namespace ProcFs.Bench;

/// <summary>
/// One directory of files whose text never changes. A text is read from another directory when somebody first opens the file, and kept: it can be
/// made after the mount.
/// </summary>
internal sealed class FloorFileSystem(string texts, IReadOnlyList<string> names) : IFileSystem
{
    private const ulong FirstFile = 16;

    /// <summary>Whole pages, more than any of the texts: as the files of ProcFs have it.</summary>
    private const long Size = 64 * 1024;

    private readonly byte[]?[] _texts = new byte[]?[names.Count];
    private readonly byte[][] _names = [.. names.Select(Encoding.UTF8.GetBytes)];

    public FuseErrno Lookup(in RequestContext context, ReadOnlySpan<byte> name, out NodeAttributes attributes)
    {
        attributes = default;
        if (context.NodeId != NodeAttributes.RootNodeId)
        {
            return FuseErrno.ENOTDIR;
        }

        for (int i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                attributes = File(FirstFile + (ulong)i);
                return FuseErrno.None;
            }
        }

        return FuseErrno.ENOENT;
    }

    public FuseErrno GetAttributes(in RequestContext context, out NodeAttributes attributes)
    {
        attributes = context.NodeId == NodeAttributes.RootNodeId ? NodeAttributes.Directory(context.NodeId) : File(context.NodeId);
        return context.NodeId == NodeAttributes.RootNodeId || IndexOf(context) is not null ? FuseErrno.None : FuseErrno.ENOENT;
    }

    public FuseErrno Open(in RequestContext context, uint openFlags, out OpenReply reply)
    {
        reply = new OpenReply(0, OpenReplyFlags.DirectIo);
        if (IndexOf(context) is not { } index)
        {
            return FuseErrno.EISDIR;
        }

        _texts[index] ??= System.IO.File.ReadAllBytes(Path.Combine(texts, names[index]));
        return FuseErrno.None;
    }

    public FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
    {
        length = 0;
        if (IndexOf(context) is not { } index || _texts[index] is not { } text)
        {
            return FuseErrno.EIO;
        }

        ReadOnlySpan<byte> rest = text.AsSpan((int)Math.Min(offset, text.Length));
        length = Math.Min(rest.Length, destination.Length);
        rest[..length].CopyTo(destination);
        return FuseErrno.None;
    }

    public void Release(in RequestContext context, ulong handle)
    {
    }

    public FuseErrno ReadDirectory(in RequestContext context, ulong offset, ref DirectoryWriter writer)
    {
        for (ulong i = offset; i < (ulong)_names.Length && writer.TryAdd(FirstFile + i, i + 1, NodeKind.RegularFile, _names[i]); i++)
        {
        }

        return FuseErrno.None;
    }

    public FuseErrno ReadLink(in RequestContext context, Span<byte> destination, out int length)
    {
        length = 0;
        return FuseErrno.EINVAL;
    }

    private static NodeAttributes File(ulong id) => new(id, NodeKind.RegularFile, NodeAttributes.ReadableByAll, Size);

    private int? IndexOf(in RequestContext context) =>
        context.NodeId >= FirstFile && context.NodeId - FirstFile < (ulong)_names.Length ? (int)(context.NodeId - FirstFile) : null;
}
