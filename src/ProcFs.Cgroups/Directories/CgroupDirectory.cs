using ProcFs.Interop;

namespace ProcFs.Cgroups;

/// <summary>
/// The directory of one cgroup. Its files are opened relative to a kept descriptor, so that a directory made anew at the same path is
/// never taken for this one. Once it has vanished it stays so.
/// </summary>
internal sealed class CgroupDirectory : PooledDescriptor
{
    private readonly CgroupTreeServices _services;
    private readonly byte[] _pathWithNul;
    private CgroupFile? _lastFile;
    private CgroupIdentity _identity;
    private bool _identityKnown;
    private volatile bool _vanished;

    public CgroupDirectory(string path, CgroupTreeServices services)
    {
        _pathWithNul = Libc.PathBytes(path);
        _services = services;
    }

    public override DescriptorPool Pool => _services.Pool;

    public TimeProvider Time => _services.Time;

    /// <summary>The cgroup was removed: seen by ENODEV on a read or by its directory being gone.</summary>
    public bool Vanished => _vanished;

    /// <summary>A file in this directory. Opened when it is first read.</summary>
    public CgroupFile File(string name)
    {
        lock (this)
        {
            return _lastFile = new CgroupFile(this, FileNames.WithNul(name), _lastFile);
        }
    }

    /// <summary>Which cgroup this is; null when it has vanished or cannot be opened.</summary>
    public CgroupIdentity? Identity()
    {
        if (_vanished)
        {
            return null;
        }

        using Lease lease = Use(out _);
        lock (this)
        {
            return lease.IsValid ? _identity : null;
        }
    }

    /// <summary>Asks the path whether it still leads here; marks the directory as vanished when not.</summary>
    public bool CheckStillThere()
    {
        int result = Libc.Statx(Libc.AT_FDCWD, _pathWithNul, Libc.AT_NO_AUTOMOUNT, Libc.STATX_INO, out Libc.StatxBuffer status);
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
        for (CgroupFile? file = Volatile.Read(ref _lastFile); file is not null; file = file.Previous)
        {
            Pool.Remove(file);
        }

        Pool.Remove(this);
    }

    /// <summary>Says once for each path that a text could not be read.</summary>
    public void Report(ReadOnlySpan<byte> nameWithNul, int line, string cause)
        => _services.Reports.Add($"{TextOf(_pathWithNul)}/{TextOf(nameWithNul)}", line, cause);

    protected override FileDescriptor? Open(out Errno error)
    {
        error = Errno.ENOENT;
        if (_vanished)
        {
            return null;
        }

        FileDescriptor? opened = FileDescriptor.OpenAt(Libc.AT_FDCWD, _pathWithNul, Libc.O_PATH | Libc.O_DIRECTORY, out error);
        if (opened is null)
        {
            if (IsGone(error))
            {
                _vanished = true;
            }
            else if (error is not (Errno.EMFILE or Errno.ENFILE))
            {
                _services.Reports.Add(TextOf(_pathWithNul), 0, Libc.Describe(error));
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

    private static string TextOf(ReadOnlySpan<byte> pathWithNul) => System.Text.Encoding.UTF8.GetString(pathWithNul[..^1]);

    private static bool IsGone(Errno error) => error is Errno.ENOENT or Errno.ENOTDIR or Errno.ENODEV;

    private static CgroupIdentity IdentityOf(in Libc.StatxBuffer status)
        => new(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Inode);

    /// <summary>The first one seen is ours.</summary>
    private bool IsSame(CgroupIdentity identity)
    {
        lock (this)
        {
            if (!_identityKnown)
            {
                _identity = identity;
                _identityKnown = true;
            }

            return _identity == identity;
        }
    }
}
