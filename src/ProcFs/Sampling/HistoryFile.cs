using System.Runtime.InteropServices;
using ProcFs.Interop;

namespace ProcFs.Sampling;

/// <summary>
/// The file that a history is in, mapped: a page that says what it is, then records of one size. A record has real space before it
/// is touched, so a full file system is an error here and never a signal.
/// </summary>
internal sealed unsafe class HistoryFile : IDisposable
{
    /// <summary>Of the layout. The one before is understood, another one is not.</summary>
    public const uint Version = 2;

    /// <summary>The most containers that are remembered.</summary>
    public const int MostRecords = 4096;

    private const int HeaderSize = 4096;
    private const ulong Magic = 0x31_53_49_48_53_46_50; // "PFSHIS1"

    private readonly FileDescriptor _file;
    private readonly byte* _memory;
    private readonly nuint _mapped;
    private bool _isUnmapped;

    private HistoryFile(FileDescriptor file, byte* memory, nuint mapped, int cpus, int records)
    {
        _file = file;
        _memory = memory;
        _mapped = mapped;
        Cpus = cpus;
        CopySize = CopySizeFor(cpus);
        Records = records;
    }

    /// <summary>The most CPUs a record has room for.</summary>
    public int Cpus { get; }

    /// <summary>Of one of the two copies of a record, in bytes.</summary>
    public int CopySize { get; }

    /// <summary>Records that have space.</summary>
    public int Records { get; private set; }

    /// <summary>The file that is there; null when there is none, or none that can be used.</summary>
    /// <param name="path">Where.</param>
    /// <param name="scope">What it must belong to.</param>
    /// <param name="defect">Why it cannot be used, in a few words; null: it is not there.</param>
    public static HistoryFile? TryOpen(string path, in HistoryScope scope, out string? defect)
    {
        // A pipe would be waited for.
        FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out Errno error);
        defect = file is not null || error == Errno.ENOENT ? null : Libc.Describe(error);
        if (file is null)
        {
            return null;
        }

        HistoryFile? opened = null;
        if (Libc.Statx(file.Number, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) < 0
            || (status.Mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            defect = "not a regular file";
        }
        else if (status.Size < HeaderSize)
        {
            defect = $"truncated: {status.Size} bytes";
        }
        else
        {
            opened = TryMap(file, path, (long)status.Size, scope, out defect);
        }

        if (opened is null)
        {
            file.Dispose();
        }

        return opened;
    }

    /// <summary>A new file in place of whatever has the name. Null and the reason when that cannot be.</summary>
    public static HistoryFile? TryCreate(string path, in HistoryScope scope, out string? defect)
    {
        FileDescriptor? file = MappedFile.TryCreate(path, HeaderSize, LengthFor(scope.Cpus), out byte* memory, out defect);
        if (file is null)
        {
            return null;
        }

        Header* header = (Header*)memory;
        header->Version = Version;
        header->CopySize = (uint)CopySizeFor(scope.Cpus);
        header->Cpus = (uint)scope.Cpus;
        header->Boot = scope.Boot;
        Volatile.Write(ref header->Magic, Magic);
        return new HistoryFile(file, memory, LengthFor(scope.Cpus), scope.Cpus, 0);
    }

    public byte* First(int record) => _memory + HeaderSize + ((long)record * 2 * CopySize);

    public byte* Second(int record) => First(record) + CopySize;

    /// <summary>Gets space for one more record, the last one now, and all zeros.</summary>
    public Errno AddRecord()
    {
        Errno error = Libc.ErrorOf(Libc.Fallocate(_file.Number, First(Records) - _memory, 2 * CopySize));
        if (error == Errno.None)
        {
            Records++;
            Volatile.Write(ref ((Header*)_memory)->Records, (uint)Records);
        }

        return error;
    }

    /// <summary>Nothing may be using the memory any more.</summary>
    public void Dispose()
    {
        if (!_isUnmapped)
        {
            _isUnmapped = true;
            _ = Libc.Munmap(_memory, _mapped);
            _file.Dispose();
        }
    }

    private static HistoryFile? TryMap(FileDescriptor file, string path, long size, in HistoryScope scope, out string? defect)
    {
        Header header;
        if (Libc.Read(file.Number, &header, (nuint)sizeof(Header)) != sizeof(Header))
        {
            defect = "cannot be read";
            return null;
        }

        defect = DefectOf(header, size, scope);
        if (defect is not null)
        {
            return null;
        }

        if (header.Version == HistoryUpgrade.From)
        {
            return Upgraded(file, path, (int)header.Records, scope, out defect);
        }

        // What is a hole would have to find space when it is touched.
        Errno error = Libc.ErrorOf(Libc.Fallocate(file.Number, 0, EndOf((int)header.Records, scope.Cpus)));
        byte* memory = error == Errno.None ? MappedFile.Map(file, LengthFor(scope.Cpus), out error) : null;
        if (memory is null)
        {
            defect = Libc.Describe(error);
            return null;
        }

        return new HistoryFile(file, memory, LengthFor(scope.Cpus), scope.Cpus, (int)header.Records);
    }

    /// <summary>A new file with what is in one of the layout before, under its name. Killed meanwhile, the old one is there still.</summary>
    private static HistoryFile? Upgraded(FileDescriptor file, string path, int records, in HistoryScope scope, out string? defect)
    {
        long length = HistoryUpgrade.EndOf(records, scope.Cpus, HeaderSize);
        byte* old = Libc.Mmap((nuint)length, Libc.PROT_READ, Libc.MAP_SHARED, file.Number, 0, out Errno error);
        if (old is null)
        {
            defect = Libc.Describe(error);
            return null;
        }

        HistoryFile? made = TryCreate(path + ".new", scope, out defect);
        if (made is not null)
        {
            error = HistoryUpgrade.Copy(old + HeaderSize, records, made);
            defect = error != Errno.None ? Libc.Describe(error) : Rename(path + ".new", path);
        }

        _ = Libc.Munmap(old, (nuint)length);
        if (defect is not null)
        {
            made?.Dispose();
            return null;
        }

        file.Dispose();
        return made;
    }

    private static string? Rename(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return exception.Message;
        }
    }

    private static string? DefectOf(in Header header, long size, in HistoryScope scope)
    {
        if (header.Magic != Magic)
        {
            return "not a state file";
        }

        if (header.Version is not (Version or HistoryUpgrade.From))
        {
            return $"layout version {header.Version}, this program knows {HistoryUpgrade.From} and {Version}";
        }

        if (header.Boot != scope.Boot)
        {
            return "from before the last boot";
        }

        if (header.Cpus != scope.Cpus)
        {
            return $"made for {header.Cpus} CPUs, this host has {scope.Cpus}";
        }

        bool isOld = header.Version == HistoryUpgrade.From;
        if (header.CopySize != (isOld ? HistoryUpgrade.CopySizeFor(scope.Cpus) : CopySizeFor(scope.Cpus)) || header.Records > MostRecords)
        {
            return "damaged header";
        }

        long end = isOld ? HistoryUpgrade.EndOf((int)header.Records, scope.Cpus, HeaderSize) : EndOf((int)header.Records, scope.Cpus);
        return size < end ? $"truncated: {size} of {end} bytes" : null;
    }

    /// <summary>All that can ever be used; what is behind the end of the file is not touched before it has grown.</summary>
    private static nuint LengthFor(int cpus) => (nuint)EndOf(MostRecords, cpus);

    private static long EndOf(int records, int cpus) => HeaderSize + ((long)records * 2 * CopySizeFor(cpus));

    // Whole cache lines, so that containers do not share any.
    private static int CopySizeFor(int cpus) => (sizeof(HistoryHead) + (5 * cpus * sizeof(long)) + 63) & ~63;

    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        public ulong Magic;
        public uint Version;
        public uint CopySize;
        public uint Cpus;
        public uint Records;
        public Guid Boot;
    }
}
