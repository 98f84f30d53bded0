using System.Globalization;
using ProcFs.Containers;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;

namespace ProcFs.Attaching;

/// <summary>
/// What has to be done where, told from outside by mountinfo. Containers that have everything are not in it: nobody enters them.
/// </summary>
/// <param name="root">The procfs of the host that has the containers.</param>
/// <param name="namespaces">Its mount namespaces.</param>
/// <param name="own">How to know mounts of ours.</param>
/// <param name="registered">All containers that are registered: their namespaces are nobody else's.</param>
internal sealed class AttachPlan(ProcRoot root, MountNamespaces namespaces, OwnMounts own, IReadOnlyCollection<RegistryEntry> registered)
{
    // Looked for once: it reads a file for each mount namespace of the host.
    private readonly Dictionary<ulong, (RegistryEntry Entry, int Pid)> _further = ContainerNamespaces.Find(root, namespaces, registered);

    /// <summary>Files for containers: all that they should have in the first process's namespace; in their others what is dead, and what is missing where /proc is the same.</summary>
    /// <param name="targets">The containers to look at.</param>
    public IEnumerable<ContainerWork> ToAttach(IReadOnlyList<AttachTarget> targets)
    {
        ILookup<string, int> others = Others();
        return targets.Select(target => new ContainerWork(target.Entry.Id, target.Entry.Pid, left => Incomplete(target, others[target.Entry.Id], left)));
    }

    /// <summary>Dead files of ours in namespaces of no registered container: the common ones take their place.</summary>
    public IEnumerable<ContainerWork> ToRepair(string commonSource)
        => Unregistered((pid, within) => WithDeadFiles(pid, commonSource, within));

    /// <summary>Every namespace that has something of ours, whoever's it is; those of registered containers first.</summary>
    public IEnumerable<ContainerWork> ToDetach()
    {
        RegistryEntry[] entries = [.. registered.Where(entry => namespaces.All.ContainsKey(MountNamespaces.Of(root, entry.Pid)))]; // none of the host's
        return ToDetach(entries).Concat(Unregistered(WithOwnFiles));
    }

    /// <summary>The namespaces of some containers that have something of ours.</summary>
    public IEnumerable<ContainerWork> ToDetach(IReadOnlyCollection<RegistryEntry> entries)
    {
        ILookup<string, int> others = Others();
        return entries.Select(entry => new ContainerWork(
            entry.Id, entry.Pid, left => others[entry.Id].Prepend(entry.Pid).Select(pid => WithOwnFiles(pid, left())).OfType<NamespaceWork>()));
    }

    /// <summary>The id of a container that no engine has registered.</summary>
    public static string NameOf(int pid) => string.Create(CultureInfo.InvariantCulture, $"pid-{pid}");

    private ILookup<string, int> Others() => _further.Values.ToLookup(owner => owner.Entry.Id, owner => owner.Pid);

    /// <summary>The namespaces of no registered container, together where one owner, by its cgroup, may have made them: each owner has the time of one.</summary>
    private IEnumerable<ContainerWork> Unregistered(Func<int, TimeSpan, NamespaceWork?> look)
    {
        HashSet<ulong> known = [.. registered.Select(entry => MountNamespaces.Of(root, entry.Pid))];
        known.UnionWith(_further.Keys);
        CgroupPlace self = CgroupPlace.OfSelf(root);
        foreach (IGrouping<string, int> owner in namespaces.All.Where(found => !known.Contains(found.Key)).Select(found => found.Value[0]).GroupBy(OwnerOf))
        {
            int first = owner.First();
            yield return new ContainerWork(NameOf(first), first, left => owner.Select(pid => look(pid, left())).OfType<NamespaceWork>());
        }

        // Who is in our own cgroup has none of its own, and need not belong to anybody else in it.
        string OwnerOf(int pid) => CgroupPlace.Of(root, pid) is { } place && !place.IsSameAs(self) ? place.Text : NameOf(pid);
    }

    private IEnumerable<NamespaceWork> Incomplete(AttachTarget target, IEnumerable<int> others, Func<TimeSpan> left)
    {
        OutsideView? view = OutsideView.Read(root.Path, target.Entry.Pid, own, left());
        IReadOnlyList<string> files = target.FilesWith(view?.DeadFiles ?? []);
        if (view is null || !IsDone(view, target, files))
        {
            yield return new NamespaceWork(target.Entry.Pid, target.Entry.StartTime, target.Source, files, target.IsOnly);
        }

        foreach (int pid in others)
        {
            if (InOther(pid, view?.ProcDevice, target, left()) is { } work)
            {
                yield return work;
            }
        }
    }

    private NamespaceWork? InOther(int pid, string? procDevice, AttachTarget target, TimeSpan within)
    {
        if (OutsideView.Read(root.Path, pid, own, within) is not { } view || !StartTime.TryRead(root.Path, pid, out ulong startTime))
        {
            return null;
        }

        bool isSameProc = view.ProcDevice is not null && view.ProcDevice == procDevice;
        IReadOnlyList<string> files = [.. target.FilesWith(view.DeadFiles).Where(file => isSameProc || view.DeadFiles.Contains(file))];
        return IsDone(view, target, files) ? null : new NamespaceWork(pid, startTime, target.Source, files, target.IsOnly);
    }

    private static bool IsDone(OutsideView view, AttachTarget target, IReadOnlyList<string> files)
        => view.HasAll(target.Source, files) && !(target.IsOnly && view.OwnFiles.Except(target.Files).Any());

    /// <summary>Null: it has none. One that cannot be looked at from outside, since it has too many mounts, is entered all the same.</summary>
    private NamespaceWork? WithOwnFiles(int pid, TimeSpan within)
        => OutsideView.Read(root.Path, pid, own, within) is not { OwnFiles.Count: 0 } && StartTime.TryRead(root.Path, pid, out ulong startTime)
            ? new NamespaceWork(pid, startTime, "", [])
            : null;

    private NamespaceWork? WithDeadFiles(int pid, string source, TimeSpan within)
        => OutsideView.Read(root.Path, pid, own, within) is { DeadFiles: { Count: > 0 } dead } && StartTime.TryRead(root.Path, pid, out ulong startTime)
            ? new NamespaceWork(pid, startTime, source, dead)
            : null;
}
