using System.Runtime.InteropServices;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>
/// Writes READDIR records (struct fuse_dirent: ino, off, namelen, type, name) into a reply, each padded with zeros to 8 bytes.
/// A record is written whole or not at all.
/// </summary>
public ref struct DirectoryWriter
{
    private readonly Span<byte> _destination;

    /// <summary>A writer that fills <paramref name="destination"/> from its start.</summary>
    public DirectoryWriter(Span<byte> destination) => _destination = destination;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>Whether a record did not fit.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Adds a record; false, and nothing written, when it does not fit any more.</summary>
    /// <param name="nodeId">The inode number shown.</param>
    /// <param name="nextOffset">The offset at which the listing goes on after this record; not 0.</param>
    /// <param name="kind">Becomes d_type.</param>
    /// <param name="name">1 to 255 bytes, without '/' and NUL.</param>
    /// <exception cref="ArgumentException">The name is not one a directory can hold.</exception>
    public bool TryAdd(ulong nodeId, ulong nextOffset, NodeKind kind, scoped ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || name.Length > FuseName.MaxLength || name.ContainsAny((byte)'/', (byte)0))
        {
            throw new ArgumentException("A name in a directory has 1 to 255 bytes and neither '/' nor NUL.", nameof(name));
        }

        int length = FuseDirent.Size + name.Length;
        int padded = (length + 7) & ~7;
        // Once full, always full: a shorter name that still fits would come before the one that did not.
        if (IsFull || padded > _destination.Length - Length)
        {
            IsFull = true;
            return false;
        }

        Span<byte> record = _destination.Slice(Length, padded);
        FuseDirent dirent = new() { Ino = nodeId, Off = nextOffset, NameLength = (uint)name.Length, Type = FuseDirent.TypeOf(kind) };
        MemoryMarshal.Write(record, in dirent);
        name.CopyTo(record[FuseDirent.Size..]);
        record[length..].Clear();
        Length += padded;
        return true;
    }
}
