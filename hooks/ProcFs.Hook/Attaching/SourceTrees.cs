using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// Copies of the mount of single files, ready to be attached: read-only, no devices, no programs, no propagation. The daemon is asked
/// for each, and may be stopped: a thread of its own waits for that, and is left behind when time is up.
/// </summary>
internal sealed class SourceTrees
{
    private const ulong Flags = Libc.MOUNT_ATTR_RDONLY | Libc.MOUNT_ATTR_NOSUID | Libc.MOUNT_ATTR_NODEV | Libc.MOUNT_ATTR_NOEXEC;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (FileDescriptor? Tree, Errno Error)> _found = [];
    private readonly string _directory;
    private readonly uint _liveMinor;
    private bool _isOver;

    private SourceTrees(string directory, uint liveMinor) => (_directory, _liveMinor) = (directory, liveMinor);

    /// <summary>Opens the trees of these files, as many as there is time for.</summary>
    public static SourceTrees Open(string directory, IReadOnlyList<string> files, uint liveMinor, Deadline deadline)
    {
        SourceTrees trees = new(directory, liveMinor);
        if (files.Count == 0)
        {
            return trees;
        }

        Thread thread = new(() => trees.OpenAll(files), 256 * 1024) { IsBackground = true };
        thread.Start();
        thread.Join(deadline.RemainingMs);
        lock (trees._lock)
        {
            trees._isOver = true; // what the thread opens from here on it closes itself
        }

        return trees;
    }

    /// <summary>The tree of a file, which is the caller's then; null and why not. ESTALE: the file is not on the mount that is served now.</summary>
    public FileDescriptor? Take(string file, out Errno error)
    {
        bool isKnown = _found.Remove(file, out (FileDescriptor? Tree, Errno Error) found);
        error = isKnown ? found.Error : Errno.ETIMEDOUT;
        return found.Tree;
    }

    /// <summary>Lets go of what nobody took.</summary>
    public void Close()
    {
        foreach ((FileDescriptor? tree, _) in _found.Values)
        {
            tree?.Dispose();
        }
    }

    private void OpenAll(IReadOnlyList<string> files)
    {
        foreach (string file in files)
        {
            FileDescriptor? tree = OpenOne($"{_directory}/{file}", out Errno error);
            lock (_lock)
            {
                if (_isOver)
                {
                    tree?.Dispose();
                    return;
                }

                _found[file] = (tree, error);
            }
        }
    }

    private FileDescriptor? OpenOne(string path, out Errno error)
    {
        int number = Libc.OpenTree(Libc.AT_FDCWD, Libc.PathBytes(path), Libc.OPEN_TREE_CLONE | Libc.OPEN_TREE_CLOEXEC | Libc.AT_SYMLINK_NOFOLLOW);
        error = Libc.ErrorOf(number);
        if (number < 0)
        {
            return null;
        }

        FileDescriptor tree = new(number);
        error = TargetFile.MountOf(number, out Libc.StatxBuffer status);
        if (error == Errno.None && (status.DeviceMajor != 0 || status.DeviceMinor != _liveMinor))
        {
            error = Errno.ESTALE;
        }

        if (error == Errno.None)
        {
            error = Libc.ErrorOf(Libc.MountSetattr(number, Flags, Libc.MS_PRIVATE));
            // Before Linux 5.12 the flags of the file system itself must do: it is mounted without devices and programs.
            error = error == Errno.ENOSYS ? Errno.None : error;
        }

        if (error == Errno.None)
        {
            return tree;
        }

        tree.Dispose();
        return null;
    }
}
