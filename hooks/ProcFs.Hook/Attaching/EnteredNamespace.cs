using System.Text;
using ProcFs.Interop;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// A container's mount namespace with a thread of ours in it, and its /proc and /sys where these are genuine: real file systems of the kernel,
/// opened without following any link, and without asking any file system of the container.
/// </summary>
internal sealed class EnteredNamespace : IDisposable
{
    private readonly EnteredThread _thread;
    private readonly Deadline _deadline;
    private readonly Dictionary<string, (FileDescriptor? Descriptor, VerifiedRoot Root, string? Defect)> _roots = [];
    private readonly HashSet<string> _absent = [];
    private readonly string? _rootPath;
    private readonly string _procRoot;

    public EnteredNamespace(EnteredThread thread, string procRoot, string? rootPath, Deadline deadline)
    {
        _thread = thread;
        _procRoot = procRoot;
        _rootPath = rootPath;
        _deadline = deadline;
    }

    /// <summary>/proc or /sys, that a file lies in, once it is verified; null and why it is not used.</summary>
    public FileDescriptor? RootOf(string file, out VerifiedRoot root, out string? defect)
    {
        string name = NameOfRoot(file);
        if (!_roots.TryGetValue(name, out (FileDescriptor? Descriptor, VerifiedRoot Root, string? Defect) known))
        {
            FileDescriptor? descriptor = Open(name, out known.Defect, out bool isAbsent);
            if (isAbsent)
            {
                _absent.Add(name);
            }

            known.Defect ??= Verify(descriptor!, name, out known.Root);
            if (known.Defect is null)
            {
                known.Descriptor = descriptor;
            }
            else
            {
                descriptor?.Dispose();
            }

            _roots.Add(name, known);
        }

        root = known.Root;
        defect = known.Defect;
        return known.Descriptor;
    }

    /// <summary>Whether it has no /proc or /sys at all for that file, which is no reason for alarm.</summary>
    public bool IsRootAbsent(string file) => _absent.Contains(NameOfRoot(file));

    /// <summary>Its mounts now; null and why not.</summary>
    public MountTable? ReadMounts(out string? defect) => MountTable.Read(_thread.Self!.Number, MountTable.MostBytes, _deadline, out defect);

    /// <summary>Attaches a tree on top of what a file's path ends in.</summary>
    public Errno Put(FileDescriptor tree, TargetFile target) => Libc.ErrorOf(_thread.MoveMount(tree.Number, target.Place.Number, 0, _deadline));

    /// <summary>Attaches a tree below the topmost mount of a file: nobody sees it yet. EINVAL before Linux 6.5, and where that mount is locked.</summary>
    public Errno PutBeneath(FileDescriptor tree, TargetFile target)
        => Libc.ErrorOf(_thread.MoveMount(tree.Number, target.Place.Number, Libc.MOVE_MOUNT_BENEATH, _deadline));

    /// <summary>
    /// Takes off the mount that a file's path ends in, when it still does; EAGAIN when it does not. EINVAL: it is locked, having come from
    /// a more privileged user namespace.
    /// </summary>
    public Errno TakeOff(TargetFile target)
        => target.IsStillThere() ? Libc.ErrorOf(_thread.Unmount(target.Directory.Number, target.Name, _deadline)) : Errno.EAGAIN;

    public void Dispose()
    {
        foreach ((FileDescriptor? descriptor, _, _) in _roots.Values)
        {
            descriptor?.Dispose();
        }
    }

    private static string NameOfRoot(string file) => file[..file.IndexOf('/', StringComparison.Ordinal)];

    private FileDescriptor? Open(string name, out string? defect, out bool isAbsent)
    {
        isAbsent = false;
        int directory = Libc.AT_FDCWD; // the thread's working directory is the root of the namespace
        FileDescriptor? rootDirectory = null;
        nint result;
        if (_rootPath is not null)
        {
            // The way there is the host's and may hold links of the host's; the image has a say only from there on.
            result = OpenUncached(Libc.AT_FDCWD, _rootPath, Libc.O_PATH | Libc.O_DIRECTORY, Libc.RESOLVE_NO_MAGICLINKS);
            if (result < 0)
            {
                defect = $"cannot open {_rootPath} in its mount namespace: {Libc.Describe(Libc.ErrorOf(result))}";
                return null;
            }

            rootDirectory = new FileDescriptor((int)result);
            directory = rootDirectory.Number;
        }

        using (rootDirectory)
        {
            const ulong resolve = Libc.RESOLVE_NO_SYMLINKS | Libc.RESOLVE_NO_MAGICLINKS;
            int flags = Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW;
            string path = _rootPath is null ? "/" + name : name;
            result = OpenCached(directory, path, flags, resolve);
            Errno error = Libc.ErrorOf(result);
            // EINVAL: before Linux 5.12. Before the container runs, nothing of it can make us wait.
            if (error is Errno.EINVAL or Errno.EAGAIN && _rootPath is not null)
            {
                result = OpenUncached(directory, path, flags, resolve);
            }
        }

        isAbsent = Libc.ErrorOf(result) == Errno.ENOENT;
        defect = Libc.ErrorOf(result) switch
        {
            Errno.None => null,
            Errno.ENOENT => $"it has no /{name}",
            Errno.ELOOP or Errno.ENOTDIR => $"its /{name} is a link or no directory",
            Errno.EAGAIN => $"its /{name} is no mount point: it cannot be opened without asking a file system of the container",
            Errno.EINVAL => $"its /{name} cannot be opened without asking a file system of the container: that needs Linux 5.12; it gets its files when it is started again",
            Errno.ETIMEDOUT => $"opening its /{name} took too long",
            Errno error => $"cannot open its /{name}: {Libc.Describe(error)}",
        };
        return result < 0 ? null : new FileDescriptor((int)result);
    }

    /// <summary>
    /// The kernel also says EAGAIN when something is mounted or renamed anywhere at the same moment: only one that it says again and again
    /// means that a file system would have to be asked.
    /// </summary>
    private nint OpenCached(int directory, string path, int flags, ulong resolve)
    {
        const int tries = 100;
        const int patientTries = 20;
        for (int attempt = 1; ; attempt++)
        {
            nint result = _thread.OpenAt2(directory, Libc.PathBytes(path), (ulong)(uint)(flags | Libc.O_CLOEXEC), resolve | Libc.RESOLVE_CACHED, _deadline);
            if (Libc.ErrorOf(result) != Errno.EAGAIN || attempt == tries)
            {
                return result;
            }

            Libc.Poll([], attempt > tries - patientTries ? 5 : 0);
        }
    }

    private nint OpenUncached(int directory, string path, int flags, ulong resolve)
        => _thread.OpenAt2(directory, Libc.PathBytes(path), (ulong)(uint)(flags | Libc.O_CLOEXEC), resolve, _deadline);

    /// <summary>Why an open directory is not what it should be; null: it is. Its mount's id cannot become another's while it is open.</summary>
    private string? Verify(FileDescriptor directory, string name, out VerifiedRoot root)
    {
        root = default;
        string type = name == "proc" ? "proc" : "sysfs";
        Errno error = TargetFile.MountIdOf(directory.Number, out ulong mountId);
        if (error != Errno.None)
        {
            return $"cannot tell what its /{name} is: {Libc.Describe(error)}";
        }

        if (ReadMounts(out string? defect) is not { } table)
        {
            return defect;
        }

        if (!table.TryFind(mountId, out MountInfoLine line))
        {
            return $"its /{name} is not among its mounts";
        }

        if (!line.Type.SequenceEqual(Encoding.ASCII.GetBytes(type)))
        {
            return $"its /{name} is not {type} but {Encoding.UTF8.GetString(line.Type)}";
        }

        const ulong rootInode = 1; // of procfs and of sysfs
        // It is the kernel's: now it can be asked.
        error = TargetFile.MountOf(directory.Number, out Libc.StatxBuffer status);
        if (error != Errno.None)
        {
            return error == Errno.EOPNOTSUPP
                ? "the kernel does not tell ids of mounts: Linux 5.8 is the first that does"
                : $"cannot tell what its /{name} is: {Libc.Describe(error)}";
        }

        if (!line.Root.SequenceEqual("/"u8) || status.Inode != rootInode)
        {
            return $"its /{name} is not the root of {type} but {MountInfoLine.Unescape(line.Root)} of it";
        }

        if (MountTable.PeerGroupOf(line) is { } group && IsOurs(group))
        {
            return $"its /{name} is shared with the host (mount propagation \"{group}\"): what is mounted there would appear on the host's own";
        }

        root = new VerifiedRoot(mountId, Encoding.ASCII.GetString(line.Device), type);
        return null;
    }

    private bool IsOurs(string peerGroup)
    {
        using FileDescriptor? self = FileDescriptor.Open(_procRoot + "/self", Libc.O_PATH | Libc.O_DIRECTORY, out _);
        return self is null || MountTable.Read(self.Number, out _) is not { } table || table.HasPeerGroup(peerGroup);
    }
}
