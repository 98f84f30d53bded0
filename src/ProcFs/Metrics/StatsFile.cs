using System.Text;
using ProcFs.Interop;
using ProcFs.Sampling;
using ProcFs.Serving;

namespace ProcFs.Metrics;

/// <summary>
/// The counters of a mount in a mapped file, so that they go on over restarts, and that whoever wants to know them has not to ask the daemon. All of
/// it has real space before it is touched: a full file system is an error here and never a signal.
/// </summary>
internal sealed unsafe class StatsFile : IDisposable
{
    /// <summary>Of the file's name; what stands before it is the mount's.</summary>
    public const string Extension = ".stats";

    private readonly byte* _memory;

    private StatsFile(byte* memory) => _memory = memory;

    /// <summary>The first page.</summary>
    public StatsHeader* Header => (StatsHeader*)_memory;

    /// <summary>Places of containers, <see cref="StatsLayout.Slots"/> of them.</summary>
    public ContainerSlot* Slots => (ContainerSlot*)(_memory + StatsLayout.SlotsAt);

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Bytes => new(_memory, StatsLayout.Length);

    /// <summary>Where the counters of a mount point are.</summary>
    public static string PathOf(string runDirectory, string mount) => Path.Combine(runDirectory, MountName.Of(mount) + Extension);

    /// <summary>Opens the counters of this boot, or begins anew. Where no file can be made they are in memory alone, and end with the process.</summary>
    /// <param name="path">Where.</param>
    /// <param name="boot">The kernel's boot id.</param>
    /// <param name="defect">Why they are not kept; null: they are.</param>
    public static StatsFile Open(string path, Guid boot, out string? defect)
    {
        if (TryOpen(path, boot, out defect) is { } found)
        {
            return found;
        }

        return Create(path, boot, out defect) ?? new StatsFile(MapAlone(boot));
    }

    /// <summary>In memory alone.</summary>
    public static StatsFile CreatePrivate() => new(MapAlone(Guid.Empty));

    /// <summary>The file that is there; null when there is none, or none that can be used.</summary>
    /// <param name="path">Where.</param>
    /// <param name="boot">The kernel's boot id; null: it does not matter.</param>
    /// <param name="defect">Why it cannot be used, in a few words; null: it is not there.</param>
    public static StatsFile? TryOpen(string path, Guid? boot, out string? defect)
    {
        // A pipe would be waited for.
        using FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, out Errno error);
        defect = file is not null || error == Errno.ENOENT ? null : Libc.Describe(error);
        if (file is null)
        {
            return null;
        }

        if (Libc.Statx(file.Number, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) < 0
            || (status.Mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            defect = "not a regular file";
            return null;
        }

        StatsHeader header;
        bool isRead = Libc.Read(file.Number, &header, (nuint)sizeof(StatsHeader)) == sizeof(StatsHeader);
        defect = isRead ? StatsSnapshot.DefectOf(header, (long)status.Size, boot) : "truncated";
        // What is a hole would have to find space when it is touched.
        error = defect is not null ? Errno.None : Libc.ErrorOf(Libc.Fallocate(file.Number, 0, StatsLayout.Length));
        byte* memory = defect is null && error == Errno.None ? MappedFile.Map(file, StatsLayout.Length, out error) : null;
        defect ??= memory is null ? Libc.Describe(error) : null;
        return memory is null ? null : new StatsFile(memory);
    }

    /// <summary>The counters of one row.</summary>
    public long* Row(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)StatsLayout.Rows, nameof(index));
        return (long*)(_memory + StatsLayout.HeaderSize + (index * StatsLayout.RowSize));
    }

    /// <summary>Counts something from any thread of any process that is no worker.</summary>
    public void Count(StatsEvent what, long more = 1)
        => Interlocked.Add(ref Row(StatsLayout.SharedRow)[StatsLayout.EventsAt + (int)what], more);

    /// <summary>Notes who serves from now on.</summary>
    public void Begin(string version, int workers, uint connection)
    {
        StatsHeader* header = Header;
        Span<byte> name = new(header->Version, StatsHeader.MostVersionBytes);
        name.Clear();
        Encoding.UTF8.TryGetBytes(version, name, out _);
        header->HeartbeatNs = 0; // the predecessor's
        header->Pid = Environment.ProcessId;
        header->Workers = workers;
        header->Connection = connection;
        header->StartedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        header->LongestRequestNs = 0;
    }

    /// <summary>Nobody may be counting any more.</summary>
    public void Dispose() => _ = Libc.Munmap(_memory, StatsLayout.Length);

    private static StatsFile? Create(string path, Guid boot, out string? defect)
    {
        using FileDescriptor? file = MappedFile.TryCreate(path, StatsLayout.Length, StatsLayout.Length, out byte* memory, out defect);
        return file is null ? null : new StatsFile(Initialize(memory, boot));
    }

    private static byte* MapAlone(Guid boot)
    {
        byte* memory = Libc.Mmap(StatsLayout.Length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0, out Errno error);
        return memory is null ? throw new Failure(ExitCode.Failed, $"cannot map memory for counters: {Libc.Describe(error)}") : Initialize(memory, boot);
    }

    private static byte* Initialize(byte* memory, Guid boot)
    {
        StatsHeader* header = (StatsHeader*)memory;
        header->Layout = StatsLayout.Version;
        header->Length = StatsLayout.Length;
        header->Boot = boot;
        header->CreatedMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Volatile.Write(ref header->Magic, StatsLayout.Magic);
        return memory;
    }
}
