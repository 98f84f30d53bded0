using System.Buffers.Binary;
using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>
/// The entries of a directory without allocation: getdents64(2) into the caller's buffer. Entries that appear or vanish meanwhile may
/// or may not be seen.
/// </summary>
internal ref struct DirectoryEntries(int directory, Span<byte> buffer)
{
    // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    private readonly Span<byte> _buffer = buffer;
    private int _filled;
    private int _position;

    /// <summary>The next entry but <c>.</c> and <c>..</c>: its name with NUL at the end, and its type (DT_…). False at the end or on an error.</summary>
    public bool TryReadNext(out ReadOnlySpan<byte> nameWithNul, out byte type)
    {
        while (_position < _filled || Refill())
        {
            ReadOnlySpan<byte> record = _buffer[_position.._filled];
            int length = BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadUInt16LittleEndian(record[LengthOffset..])
                : BinaryPrimitives.ReadUInt16BigEndian(record[LengthOffset..]);
            record = record[..length];
            _position += length;
            type = record[TypeOffset];
            ReadOnlySpan<byte> name = record[NameOffset..];
            nameWithNul = name[..(name.IndexOf((byte)0) + 1)];
            if (!nameWithNul.SequenceEqual(".\0"u8) && !nameWithNul.SequenceEqual("..\0"u8))
            {
                return true;
            }
        }

        nameWithNul = default;
        type = 0;
        return false;
    }

    private bool Refill()
    {
        nint length = Libc.Getdents64(directory, _buffer);
        _position = 0;
        _filled = (int)Math.Max(0, length);
        return _filled > 0;
    }
}
