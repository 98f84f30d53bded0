using System.Runtime.InteropServices;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// Copies of the mount of single files, ready to be attached: read-only but for those that are written to, no devices, no programs, no propagation. The daemon is asked
/// for each. Who waits for one that has taken the question and does not answer cannot even be killed, and a process does not end before its
/// last thread; so a child waits for it, and is left behind when time is up.
/// </summary>
internal sealed class SourceTrees
{
    private const ulong Flags = Libc.MOUNT_ATTR_RDONLY | Libc.MOUNT_ATTR_NOSUID | Libc.MOUNT_ATTR_NODEV | Libc.MOUNT_ATTR_NOEXEC;

    private const int FirstPatienceMs = 500;

    private readonly Dictionary<string, (FileDescriptor? Tree, Errno Error)> _found = [];

    private SourceTrees()
    {
    }

    /// <summary>Opens the trees of these files, as many as there is time for.</summary>
    public static SourceTrees Open(string directory, IReadOnlyList<string> files, uint liveMinor, Deadline deadline)
    {
        SourceTrees trees = new();
        if (files.Count > 0)
        {
            trees.OpenAll(Encoding.UTF8.GetBytes(string.Concat(files.Select(file => $"{directory}/{file}\0"))), files, liveMinor, deadline);
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

    private void OpenAll(ReadOnlySpan<byte> paths, IReadOnlyList<string> files, uint liveMinor, Deadline deadline)
    {
        // A child may hang from its first moment (Libc.ForkForTrees); then nothing comes, and the next one gets the rest of the time.
        if (!TryOpenAll(paths, files, liveMinor, deadline, Math.Min(FirstPatienceMs, deadline.RemainingMs / 2)))
        {
            TryOpenAll(paths, files, liveMinor, deadline, deadline.RemainingMs);
        }
    }

    /// <summary>False: nothing came at all.</summary>
    private bool TryOpenAll(ReadOnlySpan<byte> paths, IReadOnlyList<string> files, uint liveMinor, Deadline deadline, int patienceMs)
    {
        int child = Libc.SocketPair(Libc.SOCK_SEQPACKET, out int ours, out int theirs);
        if (child == 0)
        {
            child = Libc.ForkForTrees(theirs, paths);
            Libc.Close(theirs);
        }

        bool isThere = true;
        if (child < 0)
        {
            foreach (string file in files)
            {
                _found[file] = (null, Libc.ErrorOf(child));
            }
        }
        else
        {
            isThere = Receive(ours, files, liveMinor, deadline, patienceMs);
            Libc.Kill(child, Libc.SIGKILL); // it may be at its end already; its pid stays its own until it is taken
            Take(child);
        }

        Libc.Close(ours);
        return isThere;
    }

    /// <summary>
    /// Taken before this program ends: an engine that waits for a hook of its own must not be told of a grandchild in that moment (crun then
    /// misses the end of the hook itself). One that not even SIGKILL ends, because the daemon is silent, is left.
    /// </summary>
    private static void Take(int child)
    {
        const int patienceMs = 50;
        int pidfd = Libc.PidfdOpen(child);
        Span<Libc.PollFd> poll = [new Libc.PollFd { Fd = pidfd, Events = Libc.POLLIN }];
        if (pidfd >= 0)
        {
            _ = Libc.Poll(poll, patienceMs);
            _ = Libc.Close(pidfd);
        }

        _ = Libc.TakeEnded(child, out _);
    }

    /// <summary>False: nothing came in the time that the first one has.</summary>
    private bool Receive(int socket, IReadOnlyList<string> files, uint liveMinor, Deadline deadline, int patienceMs)
    {
        Span<byte> message = stackalloc byte[2 * sizeof(int)];
        bool isThere = false;
        for (int left = files.Count; left > 0; left--)
        {
            Span<Libc.PollFd> poll = [new Libc.PollFd { Fd = socket, Events = Libc.POLLIN }];
            if (Libc.Poll(poll, isThere ? deadline.RemainingMs : patienceMs) <= 0)
            {
                return isThere;
            }

            isThere = true;

            nint length = Libc.ReceiveMessage(socket, message, Libc.MSG_DONTWAIT, out Libc.ReceivedParts parts);
            if (length != message.Length)
            {
                parts.CloseRest();
                return isThere;
            }

            Libc.TreeAnswer answer = MemoryMarshal.Read<Libc.TreeAnswer>(message);
            int number = parts.Take(0);
            Errno error = number >= 0 ? Errno.None : answer.Error != 0 ? (Errno)answer.Error : Errno.EMFILE; // no room for it here
            _found[files[answer.Index]] = number < 0 ? (null, error) : Prepare(number, files[answer.Index], liveMinor);
        }

        return true;
    }

    /// <summary>Nothing in here asks the daemon: the mount is held, and what is wanted of it the kernel knows.</summary>
    private static (FileDescriptor? Tree, Errno Error) Prepare(int number, string file, uint liveMinor)
    {
        FileDescriptor tree = new(number);
        Errno error = TargetFile.MountOf(number, out Libc.StatxBuffer status);
        if (error == Errno.None && (status.DeviceMajor != 0 || status.DeviceMinor != liveMinor))
        {
            error = Errno.ESTALE;
        }

        if (error == Errno.None)
        {
            error = Libc.ErrorOf(Libc.MountSetattr(number, Hooking.ServedFiles.IsWritable(file) ? Flags & ~Libc.MOUNT_ATTR_RDONLY : Flags, Libc.MS_PRIVATE));
            // Before Linux 5.12 the flags of the file system itself must do: it is mounted without devices and programs.
            error = error == Errno.ENOSYS ? Errno.None : error;
        }

        if (error == Errno.None)
        {
            return (tree, error);
        }

        tree.Dispose();
        return (null, error);
    }
}
