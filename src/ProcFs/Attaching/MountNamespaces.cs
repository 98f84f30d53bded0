using ProcFs.Containers;

namespace ProcFs.Attaching;

/// <summary>
/// The mount namespaces of a host, by the processes that are in them, at one moment. That of this program, and that of the host's first process, are the
/// host's own, and not among them.
/// </summary>
internal sealed class MountNamespaces
{
    private readonly Dictionary<ulong, List<int>> _processes = [];
    private readonly HashSet<ulong> _host = [];

    private MountNamespaces()
    {
    }

    /// <summary>Each with its processes, in the order of their numbers.</summary>
    public IReadOnlyDictionary<ulong, List<int>> All => _processes;

    public static MountNamespaces Scan(ProcRoot root)
    {
        MountNamespaces found = new();
        using (ProcessDirectory self = ProcessDirectory.OpenSelf(root))
        {
            found._host.Add(Of(self));
        }

        const int first = 1; // its namespaces may be hidden from us; then ours is all we know
        found._host.Add(Of(root, first));
        found._host.Remove(0);
        foreach (int pid in root.ListProcesses().Order())
        {
            ulong inode = Of(root, pid);
            if (inode == 0 || found._host.Contains(inode))
            {
                continue;
            }

            if (!found._processes.TryGetValue(inode, out List<int>? processes))
            {
                found._processes.Add(inode, processes = []);
            }

            processes.Add(pid);
        }

        return found;
    }

    public bool IsHost(ulong inode) => _host.Contains(inode);

    /// <summary>The inode number of a process's mount namespace; 0: it is gone, a kernel thread, or not to be seen.</summary>
    public static ulong Of(ProcRoot root, int pid)
    {
        using ProcessDirectory process = ProcessDirectory.Open(root, pid);
        return Of(process);
    }

    private static ulong Of(in ProcessDirectory process) => process.Namespace("ns/mnt\0"u8);
}
