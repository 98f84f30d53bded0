using ProcFs.Interop;

namespace ProcFs.Containers;

/// <summary>Finds process 1 of a pid namespace from any process in it.</summary>
internal sealed class InitFinder(ProcRoot root)
{
    /// <summary>Longer than any real chain of parents; ends a walk through a tree that changes under it.</summary>
    private const int MostParents = 4096;

    private byte[] _buffer = new byte[4096];

    /// <summary>Its pid in the proc root's namespace; null when the namespace is dying.</summary>
    public int? Find(in ProcessDirectory caller, ulong pidNamespace)
    {
        int? found = AskKernel(caller) ?? FollowParents(caller, pidNamespace);
        return found ?? Scan(pidNamespace);
    }

    /// <summary>NS_GET_TGID_FROM_PIDNS, Linux 6.11: "who is your number 1?" Any error means: ask otherwise.</summary>
    private static int? AskKernel(in ProcessDirectory caller)
    {
        int ns = caller.OpenFile("ns/pid\0"u8);
        if (ns < 0)
        {
            return null;
        }

        int pid = Libc.Ioctl(ns, Libc.NS_GET_TGID_FROM_PIDNS, 1);
        Libc.Close(ns);
        return pid > 0 ? pid : null;
    }

    /// <summary>Orphans are given to the namespace's init, so this finds it except for processes that entered by setns(2).</summary>
    private int? FollowParents(in ProcessDirectory caller, ulong pidNamespace)
    {
        if (!caller.TryRead("status\0"u8, ref _buffer, out ReadOnlySpan<byte> text))
        {
            return null;
        }

        ProcessStatus status = ProcessStatus.Parse(text);
        int parent = status.ParentPid;
        int? last = null;
        for (int step = 0; step < MostParents && parent > 0; step++)
        {
            using ProcessDirectory directory = ProcessDirectory.Open(root, parent);
            if (directory.Namespace("ns/pid\0"u8) != pidNamespace || !directory.TryRead("status\0"u8, ref _buffer, out text))
            {
                break;
            }

            status = ProcessStatus.Parse(text);
            last = parent;
            parent = status.ParentPid;
        }

        return status.NamespacePid != 1 ? null : last ?? OwnPid(caller);
    }

    /// <summary>The caller is itself the init: the first number of its status line "Tgid:" is not needed, NSpid's first is its pid here.</summary>
    private int? OwnPid(in ProcessDirectory caller)
        => caller.TryRead("status\0"u8, ref _buffer, out ReadOnlySpan<byte> text) && ProcessStatus.Parse(text, depth: 1) is { NamespacePid: > 0 } own
            ? own.NamespacePid
            : null;

    private int? Scan(ulong pidNamespace)
    {
        foreach (int pid in root.ListProcesses())
        {
            using ProcessDirectory directory = ProcessDirectory.Open(root, pid);
            if (directory.Namespace("ns/pid\0"u8) == pidNamespace
                && directory.TryRead("status\0"u8, ref _buffer, out ReadOnlySpan<byte> text)
                && ProcessStatus.Parse(text).NamespacePid == 1)
            {
                return pid;
            }
        }

        return null;
    }
}
