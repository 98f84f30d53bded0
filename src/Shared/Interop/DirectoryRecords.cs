using System.Buffers.Binary;

namespace ProcFs.Interop;

/// <summary>Takes apart what getdents64(2) wrote: struct linux_dirent64, d_ino 8 bytes, d_off 8, d_reclen 2, d_type 1, d_name with NUL.</summary>
internal ref struct DirectoryRecords(ReadOnlySpan<byte> records)
{
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;

    private ReadOnlySpan<byte> _rest = records;

    /// <summary>
    /// The next entry but <c>.</c> and <c>..</c>: its name with NUL at the end, and its type (DT_…). False at the end, and at a record that
    /// is none.
    /// </summary>
    public bool TryReadNext(out ReadOnlySpan<byte> nameWithNul, out byte type)
    {
        while (_rest.Length > NameOffset)
        {
            int length = BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadUInt16LittleEndian(_rest[LengthOffset..])
                : BinaryPrimitives.ReadUInt16BigEndian(_rest[LengthOffset..]);
            int nameLength = length > NameOffset && length <= _rest.Length ? _rest[NameOffset..length].IndexOf((byte)0) : -1;
            if (nameLength < 0)
            {
                break;
            }

            type = _rest[TypeOffset];
            nameWithNul = _rest.Slice(NameOffset, nameLength + 1);
            _rest = _rest[length..];
            if (!nameWithNul.SequenceEqual(".\0"u8) && !nameWithNul.SequenceEqual("..\0"u8))
            {
                return true;
            }
        }

        _rest = default;
        nameWithNul = default;
        type = 0;
        return false;
    }
}
