using System.Text;
using ProcFs.Interop;

namespace ProcFs.Doctor;

/// <summary>
/// The host's files, below a root that may be another directory. A path is followed name by name, and not into a FUSE mount: whoever serves that may never answer.
/// </summary>
/// <param name="root">In front of each path; "" is the host itself.</param>
/// <param name="mounts">What is mounted where.</param>
internal sealed class HostFiles(string root, HostMounts mounts)
{
    private const int MostLinks = 40; // the kernel's own limit
    private const int MostBytes = 1 << 20; // no configuration is as long
    private const ushort TypeOfLink = 0xa000;

    private static readonly string[] Programs = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin"];

    /// <summary>The path without links; null and the error when it is not there. EXDEV: it lies on a FUSE mount.</summary>
    public string? Resolve(string path, out Errno error)
    {
        Stack<string> rest = new(Enumerable.Reverse(path.Split('/')));
        string at = "";
        int links = 0;
        error = Errno.None;
        while (rest.TryPop(out string? name))
        {
            if (name is "" or "." or "..")
            {
                at = name == ".." ? at[..Math.Max(0, at.LastIndexOf('/'))] : at;
                continue;
            }

            string next = $"{at}/{name}";
            if (mounts.On(next) is { IsFuse: true })
            {
                error = Errno.EXDEV;
                return null;
            }

            error = Libc.ErrorOf(Status(next, out Libc.StatxBuffer status));
            if (error != Errno.None)
            {
                return null;
            }

            if ((status.Mode & Libc.S_IFMT) != TypeOfLink)
            {
                at = next;
                continue;
            }

            if (++links > MostLinks || LinkTarget(next) is not { } target)
            {
                error = Errno.ELOOP;
                return null;
            }

            at = target.StartsWith('/') ? "" : at;
            foreach (string part in Enumerable.Reverse(target.Split('/')))
            {
                rest.Push(part);
            }
        }

        return at.Length == 0 ? "/" : at;
    }

    /// <summary>Whether it is there and can be asked for.</summary>
    public bool Exists(string path) => Resolve(path, out _) is not null;

    /// <summary>What it is; null when it is not there.</summary>
    public Libc.StatxBuffer? StatusOf(string path) => Resolve(path, out _) is { } plain && Status(plain, out Libc.StatxBuffer status) >= 0 ? status : null;

    /// <summary>Whether it is a program.</summary>
    public bool IsProgram(string path)
        => StatusOf(path) is { } status && (status.Mode & Libc.S_IFMT) == Libc.S_IFREG && (status.Mode & 0b001_001_001) != 0;

    public bool IsDirectory(string path) => StatusOf(path) is { } status && (status.Mode & Libc.S_IFMT) == Libc.S_IFDIR;

    /// <summary>Whether an engine that is told to run this finds a program: by its path, or by a name where programs are.</summary>
    public bool CanRun(string program) => program.Contains('/', StringComparison.Ordinal) ? IsProgram(program) : Find(program) is not null;

    /// <summary>A regular file as text; null when it is not there, or, with a defect, when it cannot be read.</summary>
    /// <param name="path">Links are followed.</param>
    /// <param name="defect">Why not, with the path; null: it was read, or it is not there.</param>
    public string? Read(string path, out string? defect)
    {
        string? plain = Resolve(path, out Errno error);
        if (plain is null)
        {
            defect = error switch
            {
                Errno.ENOENT or Errno.ENOTDIR => null,
                Errno.EXDEV => $"{path} lies on a FUSE mount, and is not read",
                _ => $"cannot read {path}: {Libc.Describe(error)}",
            };
            return null;
        }

        return ReadPlain(plain, path, out defect);
    }

    /// <summary>The same where a file that cannot be read is as good as none.</summary>
    public string? Read(string path) => Read(path, out _);

    /// <summary>The files of a directory with this end, whole paths, in order; none when it cannot be read.</summary>
    public IReadOnlyList<string> List(string directory, string suffix)
    {
        if (Resolve(directory, out _) is not { } plain)
        {
            return [];
        }

        try
        {
            return [.. Directory.EnumerateFileSystemEntries(root + plain).Select(Path.GetFileName).OfType<string>()
                .Where(name => name.EndsWith(suffix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => $"{directory}/{name}")];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A program where programs are; null: it is not installed.</summary>
    public string? Find(string program) => Programs.Select(directory => $"{directory}/{program}").FirstOrDefault(IsProgram);

    /// <summary>The end of a file that grows, as a log: so many bytes at the most. Empty when it cannot be read.</summary>
    public string Tail(string path, int most)
    {
        if (Resolve(path, out _) is not { } plain)
        {
            return "";
        }

        using FileDescriptor? file = FileDescriptor.Open(root + plain, Libc.O_RDONLY | Libc.O_NONBLOCK, out _);
        if (file is null || Libc.Statx(file.Number, [0], Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) < 0 || (status.Mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            return "";
        }

        byte[] buffer = new byte[most];
        nint length = Libc.Pread(file.Number, buffer, Math.Max(0, (long)status.Size - most));
        return length > 0 ? Encoding.UTF8.GetString(buffer, 0, (int)length) : "";
    }

    private string? ReadPlain(string plain, string path, out string? defect)
    {
        // Without O_NONBLOCK the open of a FIFO would wait for a writer.
        using FileDescriptor? file = FileDescriptor.Open(root + plain, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOFOLLOW, out Errno error);
        if (file is null)
        {
            defect = $"cannot read {path}: {Libc.Describe(error)}";
            return null;
        }

        if (Libc.Statx(file.Number, [0], Libc.AT_EMPTY_PATH, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) < 0 || (status.Mode & Libc.S_IFMT) != Libc.S_IFREG)
        {
            defect = $"{path} is no regular file";
            return null;
        }

        byte[] buffer = new byte[16 << 10];
        int length = 0;
        while (true)
        {
            nint count = Libc.Read(file.Number, buffer.AsSpan(length));
            if (count <= 0)
            {
                defect = count < 0 ? $"cannot read {path}: {Libc.Describe(Libc.ErrorOf(count))}" : null;
                return count < 0 ? null : Encoding.UTF8.GetString(buffer, 0, length);
            }

            length += (int)count;
            if (length >= MostBytes)
            {
                defect = $"{path} is longer than {MostBytes >> 20} MiB";
                return null;
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, 2 * length);
            }
        }
    }

    private int Status(string path, out Libc.StatxBuffer status)
        => Libc.Statx(Libc.AT_FDCWD, Libc.PathBytes(root + path), Libc.AT_SYMLINK_NOFOLLOW | Libc.AT_NO_AUTOMOUNT | Libc.AT_STATX_DONT_SYNC, Libc.STATX_BASIC_STATS, out status);

    private string? LinkTarget(string path)
    {
        Span<byte> target = stackalloc byte[4096]; // PATH_MAX
        nint length = Libc.ReadlinkAt(Libc.AT_FDCWD, Libc.PathBytes(root + path), target);
        return length > 0 ? Encoding.UTF8.GetString(target[..(int)length]) : null;
    }
}
