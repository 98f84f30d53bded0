using System.Buffers.Binary;
using ProcFs.Text;

namespace ProcFs.Sampling;

/// <summary>
/// Walks the records that getdents64(2) wrote: d_ino 8 bytes, d_off 8, d_reclen 2, d_type 1, d_name with NUL.
/// </summary>
internal ref struct DirectoryEntries(ReadOnlySpan<byte> records)
{
    private const int RecordLengthAt = 16;
    private const int NameAt = 19;

    private ReadOnlySpan<byte> _rest = records;

    /// <summary>The next entry whose name is a number; others (".", "..") are passed over. False at the end.</summary>
    public bool TryReadNumber(out int number)
    {
        while (_rest.Length > NameAt)
        {
            int length = BitConverter.IsLittleEndian
                ? BinaryPrimitives.ReadUInt16LittleEndian(_rest[RecordLengthAt..])
                : BinaryPrimitives.ReadUInt16BigEndian(_rest[RecordLengthAt..]);
            if (length <= NameAt || length > _rest.Length)
            {
                break;
            }

            ReadOnlySpan<byte> name = _rest[NameAt..length];
            _rest = _rest[length..];
            int end = name.IndexOf((byte)0);
            if (TextLines.TryNumber(end < 0 ? name : name[..end], out long value) && value <= int.MaxValue)
            {
                number = (int)value;
                return true;
            }
        }

        number = 0;
        return false;
    }
}
