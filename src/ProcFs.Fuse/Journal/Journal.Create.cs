using ProcFs.Interop;

namespace ProcFs.Fuse;

// Making a journal. Every offset is a multiple of 64 KiB, the largest page a kernel here may have; the holes take no memory.
public sealed unsafe partial class Journal
{
    private const int Granularity = 64 * 1024;
    private const int SlotsOffset = Granularity;
    private const int SlotsLength = RequestSlots.MaxCount * RequestSlots.RequestSize;
    private const int ApplicationOffset = SlotsOffset + SlotsLength;

    /// <summary>So that no sum of offsets overflows, and nobody maps half of the address space.</summary>
    private const long MaxApplicationLength = 1L << 40;

    private const string Name = "procfs-journal";
    private const int Seals = Libc.F_SEAL_SHRINK | Libc.F_SEAL_GROW | Libc.F_SEAL_SEAL;

    /// <summary>Makes the journal of a new session.</summary>
    /// <param name="mount">Where it will be mounted: an absolute, canonical path (<see cref="MountPoint.Canonical"/>), at most <see cref="MaxMountLength"/> bytes.</param>
    /// <param name="applicationVersion">The layout of the application's region; successors are told.</param>
    /// <param name="applicationLength">Its size in bytes; memory is taken page by page as they are touched.</param>
    /// <exception cref="FuseException">There is no memory for it, or it may not be locked; the message says what to do.</exception>
    public static Journal Create(string mount, uint applicationVersion, long applicationLength)
    {
        ArgumentNullException.ThrowIfNull(mount);
        ArgumentOutOfRangeException.ThrowIfNegative(applicationLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(applicationLength, MaxApplicationLength);
        byte[] path = StrictUtf8.GetBytes(mount);
        if (path.Length > MaxMountLength || MountOf(path) is null)
        {
            throw new ArgumentException($"Not an absolute path of at most {MaxMountLength} bytes.", nameof(mount));
        }

        long length = ApplicationOffset + applicationLength;
        FileDescriptor descriptor = CreateFile(length);
        byte* start = Map(descriptor, length, out Errno error);
        if (start is null)
        {
            descriptor.Dispose();
            throw new FuseException($"cannot map the journal: {Libc.Describe(error)}", (FuseErrno)error);
        }

        Fill((JournalHeader*)start, path, applicationVersion, applicationLength);
        Journal journal = new(descriptor, start, length, InodeOf(descriptor.Number, out _), SlotsOffset, ApplicationOffset, applicationLength, mount);
        error = journal.LockMemory();
        if (error != Errno.None)
        {
            journal.Dispose();
            throw LockedMemory.Refusal("the journal", JournalHeader.Size + SlotsLength, error);
        }

        return journal;
    }

    private static FileDescriptor CreateFile(long length)
    {
        const uint Flags = Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING;
        int fd = Libc.MemfdCreate(Name, Flags | Libc.MFD_NOEXEC_SEAL);
        if (Libc.ErrorOf(fd) == Errno.EINVAL) // before Linux 6.3
        {
            fd = Libc.MemfdCreate(Name, Flags);
        }

        if (fd < 0)
        {
            throw new FuseException($"cannot create the journal: {Libc.Describe(Libc.ErrorOf(fd))}", (FuseErrno)Libc.ErrorOf(fd));
        }

        FileDescriptor descriptor = new(fd);
        int result = Libc.Ftruncate(fd, length);
        result = result < 0 ? result : Libc.AddSeals(fd, Seals); // nobody who has it can make another's access to it fail
        if (result < 0)
        {
            descriptor.Dispose();
            throw new FuseException($"cannot size the journal: {Libc.Describe(Libc.ErrorOf(result))}", (FuseErrno)Libc.ErrorOf(result));
        }

        return descriptor;
    }

    private static void Fill(JournalHeader* header, byte[] path, uint applicationVersion, long applicationLength)
    {
        header->Layout = JournalHeader.CurrentLayout;
        header->SlotCount = RequestSlots.MaxCount;
        header->SlotSize = RequestSlots.RequestSize;
        header->SlotsOffset = SlotsOffset;
        header->ApplicationOffset = ApplicationOffset;
        header->ApplicationLength = (ulong)applicationLength;
        header->ApplicationVersion = applicationVersion;
        header->NodeTime = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        header->MountLength = (uint)path.Length;
        path.CopyTo(new Span<byte>(header->Mount, MaxMountLength));
        header->Magic = JournalHeader.CurrentMagic;
    }

    private static byte* Map(FileDescriptor descriptor, long length, out Errno error)
        => Libc.Mmap((nuint)length, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, descriptor.Number, 0, out error);

    /// <summary>The inode and the size.</summary>
    private static ulong InodeOf(int descriptor, out ulong size)
    {
        Errno error = Libc.ErrorOf(Libc.Statx(descriptor, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status));
        size = error == Errno.None ? status.Size : 0;
        return error == Errno.None ? status.Inode : 0;
    }

    private Errno LockMemory()
    {
        Errno error = LockedMemory.Lock(_start, JournalHeader.Size);
        return error != Errno.None ? error : LockedMemory.Lock(_slots, SlotsLength);
    }
}
