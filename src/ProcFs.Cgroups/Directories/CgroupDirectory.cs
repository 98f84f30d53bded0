using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>
/// The directory of one cgroup. Its files are opened relative to a kept descriptor, so that a directory made anew at the same path is
/// never taken for this one. Once it has vanished it stays so.
/// </summary>
internal sealed class CgroupDirectory : PooledDescriptor
{
    private readonly Lock _gate = new();
    private readonly byte[] _pathBytes;
    private readonly List<CgroupFile> _files = [];
    private readonly CgroupReports _reports;
    private CgroupIdentity? _identity;
    private volatile bool _vanished;

    public CgroupDirectory(string path, DescriptorPool pool, CgroupReports reports, TimeProvider time)
        : base(pool)
    {
        DirectoryPath = path;
        _pathBytes = Libc.PathBytes(path);
        _reports = reports;
        Time = time;
    }

    public string DirectoryPath { get; }

    public TimeProvider Time { get; }

    /// <summary>The cgroup was removed: seen by ENODEV on a read or by its directory being gone.</summary>
    public bool Vanished => _vanished;

    /// <summary>A file in this directory. Opened when it is first read.</summary>
    public CgroupFile File(string name)
    {
        CgroupFile file = new(this, name, Pool);
        lock (_gate)
        {
            _files.Add(file);
        }

        return file;
    }

    /// <summary>Which cgroup this is; null when it has vanished or cannot be opened.</summary>
    public CgroupIdentity? Identity()
    {
        if (_vanished)
        {
            return null;
        }

        using Lease lease = Use(out _);
        lock (_gate)
        {
            return _identity;
        }
    }

    /// <summary>Asks the path whether it still leads here; marks the directory as vanished when not.</summary>
    public bool CheckStillThere()
    {
        int result = Libc.Statx(Libc.AT_FDCWD, _pathBytes, Libc.AT_NO_AUTOMOUNT, Libc.STATX_INO, out Libc.StatxBuffer status);
        if (result < 0 ? IsGone(Libc.ErrorOf(result)) : !IsSame(IdentityOf(status)))
        {
            MarkVanished();
        }

        return !_vanished;
    }

    /// <summary>Closes what is open: there is nothing behind it any more.</summary>
    public void MarkVanished()
    {
        _vanished = true;
        CloseAll();
    }

    /// <summary>Closes the descriptors of the directory and its files. They are opened again on the next use.</summary>
    public void CloseAll()
    {
        CgroupFile[] files;
        lock (_gate)
        {
            files = [.. _files];
        }

        foreach (CgroupFile file in files)
        {
            Pool.Remove(file);
        }

        Pool.Remove(this);
    }

    /// <summary>Says once for each path that a text could not be read.</summary>
    public void Report(string name, int line, string cause) => _reports.Add($"{DirectoryPath}/{name}", line, cause);

    protected override FileDescriptor? Open(out Errno error)
    {
        error = Errno.ENOENT;
        if (_vanished)
        {
            return null;
        }

        FileDescriptor? opened = FileDescriptor.OpenAt(Libc.AT_FDCWD, _pathBytes, Libc.O_PATH | Libc.O_DIRECTORY, out error);
        if (opened is null)
        {
            if (IsGone(error))
            {
                _vanished = true;
            }
            else if (error is not (Errno.EMFILE or Errno.ENFILE))
            {
                _reports.Add(DirectoryPath, 0, Libc.Describe(error));
            }

            return null;
        }

        int result = Libc.Statx(opened.Number, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_INO, out Libc.StatxBuffer status);
        if (result < 0 || !IsSame(IdentityOf(status)))
        {
            _vanished = true;
            error = Errno.ENOENT;
            opened.Dispose();
            return null;
        }

        return opened;
    }

    private static bool IsGone(Errno error) => error is Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV;

    private static CgroupIdentity IdentityOf(in Libc.StatxBuffer status)
        => new(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode);

    /// <summary>The first one seen is ours.</summary>
    private bool IsSame(CgroupIdentity identity)
    {
        lock (_gate)
        {
            _identity ??= identity;
            return _identity == identity;
        }
    }
}
