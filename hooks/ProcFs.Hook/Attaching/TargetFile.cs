using System.Globalization;
using ProcFs.Interop;
using ProcFs.Text;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// One file (or directory) of the container, held where it is now: its directory, and the mount that its path ends in. While it is held nothing else can get
/// that mount's id.
/// </summary>
internal sealed class TargetFile : IDisposable
{
    private const ulong Inside = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_MAGICLINKS;

    private readonly FileDescriptor? _ownDirectory;

    private TargetFile(FileDescriptor directory, FileDescriptor? ownDirectory, byte[] name, FileDescriptor place, ulong mountId)
    {
        Directory = directory;
        _ownDirectory = ownDirectory;
        Name = name;
        Place = place;
        MountId = mountId;
    }

    /// <summary>The directory of the kernel's own file, with nothing mounted between it and the root.</summary>
    public FileDescriptor Directory { get; }

    /// <summary>The name in that directory, with NUL at the end.</summary>
    public byte[] Name { get; }

    /// <summary>What the name leads to: the kernel's file, or what lies on it.</summary>
    public FileDescriptor Place { get; }

    /// <summary>The mount that <see cref="Place"/> is on.</summary>
    public ulong MountId { get; }

    /// <summary>
    /// Whether it is of the kind that is mounted there: a file, or a directory. Asks the file system: only for a <see cref="Place"/> that is known to be the
    /// kernel's. Any other is the container's, and may never answer.
    /// </summary>
    public bool IsPlaceFor(string file)
        => MountOf(Place.Number, out Libc.StatxBuffer status) == Errno.None && (status.Mode & Libc.S_IFMT) == (CpuDirectory.Is(file) ? Libc.S_IFDIR : Libc.S_IFREG);

    /// <summary>Opens a file below /proc or /sys; null and the kernel's error. EXDEV: something is mounted on a directory on the way.</summary>
    /// <param name="root">That directory, known to be genuine: names in it are the kernel's.</param>
    /// <param name="file">As "proc/pressure/cpu".</param>
    /// <param name="error">Why it could not be opened.</param>
    public static TargetFile? Open(FileDescriptor root, string file, out Errno error)
    {
        int first = file.IndexOf('/', StringComparison.Ordinal) + 1;
        int last = file.LastIndexOf('/') + 1;
        FileDescriptor? ownDirectory = null;
        if (last > first)
        {
            int flags = Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW;
            ownDirectory = OpenAt2(root.Number, Libc.PathBytes(file[first..(last - 1)]), flags, Inside | Libc.RESOLVE_NO_XDEV, out error);
            if (ownDirectory is null)
            {
                return null;
            }
        }

        FileDescriptor directory = ownDirectory ?? root;
        byte[] name = Libc.PathBytes(file[last..]);
        if (Find(directory, name, out ulong mountId, out error) is { } place)
        {
            return new TargetFile(directory, ownDirectory, name, place, mountId);
        }

        ownDirectory?.Dispose();
        return null;
    }

    /// <summary>Whether the name still leads to the same mount.</summary>
    public bool IsStillThere()
    {
        using FileDescriptor? place = Find(Directory, Name, out ulong mountId, out _);
        return place is not null && mountId == MountId;
    }

    /// <summary>What the name leads to by now, in the directory that this one holds; null when it leads nowhere.</summary>
    public TargetFile? LookAgain()
        => Find(Directory, Name, out ulong mountId, out _) is { } place ? new TargetFile(Directory, ownDirectory: null, Name, place, mountId) : null;

    public void Dispose()
    {
        Place.Dispose();
        _ownDirectory?.Dispose();
    }

    /// <summary>The mount of an open descriptor, and what kind of file it is; asks no filesystem that has not cached the answer.</summary>
    internal static Errno MountOf(int descriptor, out Libc.StatxBuffer status)
    {
        const uint nothing = 0; // the mount's id is given all the same, and a FUSE mount of another user lets us have it
        int result = Libc.Statx(descriptor, "\0"u8, Libc.AT_EMPTY_PATH | Libc.AT_NO_AUTOMOUNT | Libc.AT_STATX_DONT_SYNC, nothing, out status);
        return result < 0 ? Libc.ErrorOf(result) : (status.Mask & Libc.STATX_MNT_ID) == 0 ? Errno.EOPNOTSUPP : Errno.None;
    }

    /// <summary>The mount of an open descriptor, from procfs: nobody else is asked, not even whether what is open has changed.</summary>
    internal static Errno MountIdOf(int descriptor, out ulong mountId)
    {
        mountId = 0;
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/thread-self/fdinfo/{descriptor}");
        using FileDescriptor? file = FileDescriptor.Open(path, Libc.O_RDONLY, out Errno error);
        if (file is null)
        {
            // /proc may be another machine's, or none: then the kernel has to be asked by a call that a file system could have a say in.
            error = MountOf(descriptor, out Libc.StatxBuffer status);
            mountId = status.MountId;
            return error;
        }

        Span<byte> text = stackalloc byte[512]; // of a descriptor with O_PATH: pos, flags, mnt_id and ino
        nint length = Libc.Read(file.Number, text);
        error = length < 0 ? Libc.ErrorOf(length) : error;
        ReadOnlySpan<byte> rest = text[..(int)Math.Max(length, 0)];
        while (TextLines.TryReadLine(ref rest, out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith("mnt_id:\t"u8) && NumberText.TryParse(line["mnt_id:\t"u8.Length..], out long number))
            {
                mountId = (ulong)number;
                return Errno.None;
            }
        }

        return error == Errno.None ? Errno.EOPNOTSUPP : error;
    }

    private static FileDescriptor? Find(FileDescriptor directory, byte[] name, out ulong mountId, out Errno error)
    {
        mountId = 0;
        FileDescriptor? place = OpenAt2(directory.Number, name, Libc.O_PATH | Libc.O_NOFOLLOW, Inside, out error);
        if (place is null)
        {
            return null;
        }

        error = MountIdOf(place.Number, out mountId);
        if (error == Errno.None)
        {
            return place;
        }

        place.Dispose();
        return null;
    }

    private static unsafe FileDescriptor? OpenAt2(int directory, byte[] path, int flags, ulong resolve, out Errno error)
    {
        Libc.OpenHow how = new() { Flags = (ulong)(uint)(flags | Libc.O_CLOEXEC), Resolve = resolve };
        fixed (byte* text = path)
        {
            nint result = Libc.OpenAt2(directory, text, &how);
            error = Libc.ErrorOf(result);
            return result < 0 ? null : new FileDescriptor((int)result);
        }
    }
}
