namespace ProcFs.Interop;

/// <summary>
/// The entries of a directory without allocation: getdents64(2) into the caller's buffer. Entries that appear or vanish meanwhile may
/// or may not be seen.
/// </summary>
internal ref struct DirectoryEntries(int directory, Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private DirectoryRecords _records;

    /// <summary>The next entry but <c>.</c> and <c>..</c>: its name with NUL at the end, and its type (DT_…). False at the end or on an error.</summary>
    public bool TryReadNext(out ReadOnlySpan<byte> nameWithNul, out byte type)
    {
        while (!_records.TryReadNext(out nameWithNul, out type))
        {
            nint length = Libc.Getdents64(directory, _buffer);
            if (length <= 0)
            {
                return false;
            }

            _records = new DirectoryRecords(_buffer[..(int)length]);
        }

        return true;
    }
}
