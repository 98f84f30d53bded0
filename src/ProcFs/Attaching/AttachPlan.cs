using System.Globalization;
using ProcFs.Containers;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;

namespace ProcFs.Attaching;

/// <summary>
/// What has to be done where, told from outside by mountinfo. Containers that have everything are not in it: nobody enters them.
/// </summary>
internal sealed class AttachPlan(ProcRoot root, MountNamespaces namespaces, OwnMounts own)
{
    /// <summary>Files for containers: all that they should have in the first process's namespace; in their others what is dead, and what is missing where /proc is the same.</summary>
    /// <param name="targets">The containers to look at.</param>
    /// <param name="registered">All that are registered: the namespaces of the others are theirs.</param>
    public IEnumerable<ContainerWork> ToAttach(IReadOnlyList<AttachTarget> targets, IReadOnlyCollection<RegistryEntry> registered)
    {
        ILookup<string, int> others = OthersOf(registered);
        foreach (AttachTarget target in targets)
        {
            OutsideView? view = OutsideView.Read(root.Path, target.Entry.Pid, own);
            List<NamespaceWork> work = [];
            IReadOnlyList<string> files = target.FilesWith(view?.DeadFiles ?? []);
            if (view is null || !IsDone(view, target, files))
            {
                work.Add(new NamespaceWork(target.Entry.Pid, target.Entry.StartTime, target.Source, files, target.IsOnly));
            }

            work.AddRange(others[target.Entry.Id].Select(pid => InOther(pid, view?.ProcDevice, target)).OfType<NamespaceWork>());
            if (work.Count > 0)
            {
                yield return new ContainerWork(target.Entry.Id, target.Entry.Pid, work);
            }
        }
    }

    /// <summary>Dead files of ours in namespaces of no registered container: the common ones take their place.</summary>
    public IEnumerable<ContainerWork> ToRepair(string commonSource, IReadOnlyCollection<RegistryEntry> registered)
    {
        HashSet<ulong> known = [.. registered.Select(entry => MountNamespaces.Of(root, entry.Pid))];
        known.UnionWith(ContainerNamespaces.Find(root, namespaces, registered).Keys);
        foreach ((ulong inode, List<int> processes) in namespaces.All)
        {
            if (!known.Contains(inode) && OutsideView.Read(root.Path, processes[0], own) is { DeadFiles: { Count: > 0 } dead }
                && StartTime.TryRead(root.Path, processes[0], out ulong startTime))
            {
                yield return new ContainerWork(NameOf(processes[0]), processes[0], [new NamespaceWork(processes[0], startTime, commonSource, dead)]);
            }
        }
    }

    /// <summary>Every namespace that has something of ours, whoever's it is.</summary>
    public IEnumerable<ContainerWork> ToDetach(IReadOnlyCollection<RegistryEntry> registered)
    {
        Dictionary<ulong, RegistryEntry> owners = [];
        foreach (RegistryEntry entry in registered)
        {
            owners[MountNamespaces.Of(root, entry.Pid)] = entry;
        }

        foreach ((ulong inode, List<int> processes) in namespaces.All)
        {
            if (WithOwnFiles(processes[0]) is { } work)
            {
                yield return new ContainerWork(owners.TryGetValue(inode, out RegistryEntry? owner) ? owner.Id : NameOf(processes[0]), processes[0], [work]);
            }
        }
    }

    /// <summary>The namespaces of one container that have something of ours; null: none has.</summary>
    public ContainerWork? ToDetach(RegistryEntry entry, IReadOnlyCollection<RegistryEntry> registered)
    {
        NamespaceWork[] work = [.. OthersOf(registered)[entry.Id].Prepend(entry.Pid).Select(WithOwnFiles).OfType<NamespaceWork>()];
        return work.Length > 0 ? new ContainerWork(entry.Id, entry.Pid, work) : null;
    }

    /// <summary>The id of a container that no engine has registered.</summary>
    public static string NameOf(int pid) => string.Create(CultureInfo.InvariantCulture, $"pid-{pid}");

    private ILookup<string, int> OthersOf(IReadOnlyCollection<RegistryEntry> registered)
        => ContainerNamespaces.Find(root, namespaces, registered).Values.ToLookup(owner => owner.Entry.Id, owner => owner.Pid);

    private NamespaceWork? InOther(int pid, string? procDevice, AttachTarget target)
    {
        if (OutsideView.Read(root.Path, pid, own) is not { } view || !StartTime.TryRead(root.Path, pid, out ulong startTime))
        {
            return null;
        }

        bool isSameProc = view.ProcDevice is not null && view.ProcDevice == procDevice;
        IReadOnlyList<string> files = [.. target.FilesWith(view.DeadFiles).Where(file => isSameProc || view.DeadFiles.Contains(file))];
        return IsDone(view, target, files) ? null : new NamespaceWork(pid, startTime, target.Source, files, target.IsOnly);
    }

    private static bool IsDone(OutsideView view, AttachTarget target, IReadOnlyList<string> files)
        => view.HasAll(target.Source, files) && !(target.IsOnly && view.OwnFiles.Except(target.Files).Any());

    private NamespaceWork? WithOwnFiles(int pid)
        => OutsideView.Read(root.Path, pid, own) is { OwnFiles.Count: > 0 } && StartTime.TryRead(root.Path, pid, out ulong startTime)
            ? new NamespaceWork(pid, startTime, "", [])
            : null;
}
