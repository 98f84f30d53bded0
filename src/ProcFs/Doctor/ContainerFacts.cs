using System.Diagnostics;
using ProcFs.Attaching;
using ProcFs.Containers;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;
using ProcFs.Serving;

namespace ProcFs.Doctor;

/// <summary>
/// The containers, found out once and from outside: what is registered, and what mountinfo says of each. A container decides how long that is, so all of them
/// together have a time limit; who is not reached in it is counted.
/// </summary>
internal sealed class ContainerFacts
{
    private const int MostLooks = 64; // at processes of one namespace: a container's are mostly all in its pid namespace

    private readonly List<RegisteredView> _registered = [];
    private readonly List<UnregisteredView> _others = [];
    private readonly List<(string Path, string Defect)> _broken = [];

    public ContainerFacts(DoctorPlaces places, DaemonFacts daemon)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (string path in RegistryFile.List(places.RunDirectory))
        {
            if (RegistryFile.TryRead(path, out RegistryEntry? entry, out string defect))
            {
                if (StartTime.IsStill(places.Roots.Proc, entry!.Pid, entry.StartTime))
                {
                    _registered.Add(new RegisteredView(entry, path));
                }
            }
            else if (defect.Length > 0)
            {
                _broken.Add((path, defect));
            }
        }

        OwnMounts own = ConnectionList.Read(places.RunDirectory, places.Roots.Proc, daemon.LiveMinor, MountName.Of(places.Mount));
        foreach (RegisteredView container in _registered)
        {
            container.View = Look(container.Entry.Pid);
            NotSeen += container.View is null && StartTime.IsStill(places.Roots.Proc, container.Entry.Pid, container.Entry.StartTime) ? 1 : 0;
        }

        using ProcRoot root = new(places.Roots.Proc);
        MountNamespaces namespaces = MountNamespaces.Scan(root);
        HashSet<ulong> known = [.. _registered.Select(container => MountNamespaces.Of(root, container.Entry.Pid))];
        known.UnionWith(ContainerNamespaces.Find(root, namespaces, [.. _registered.Select(container => container.Entry)]).Keys);
        ulong[] hostPids = [PidsOf(1), PidsOf(root.OwnPid())];
        foreach ((ulong _, List<int> processes) in namespaces.All.Where(found => !known.Contains(found.Key)))
        {
            int inside = processes.Take(MostLooks).FirstOrDefault(process => PidsOf(process) is > 0 and ulong pids && !hostPids.Contains(pids));
            int pid = inside > 0 ? inside : processes[0]; // who makes a container's namespaces may still be in one of them
            if (Look(pid) is { } view)
            {
                _others.Add(new UnregisteredView(pid, view, inside > 0, CgroupPlace.Of(root, pid) is { IsOfService: true }));
            }
            else
            {
                OthersNotSeen += StartTime.TryRead(places.Roots.Proc, processes[0], out _) ? 1 : 0;
            }
        }

        ulong PidsOf(int pid)
        {
            using ProcessDirectory process = ProcessDirectory.Open(root, pid);
            return process.Namespace("ns/pid\0"u8);
        }

        OutsideView? Look(int pid)
        {
            (TimeSpan all, TimeSpan one) = places.ContainersWithin;
            TimeSpan left = all - Stopwatch.GetElapsedTime(start);
            return left > TimeSpan.Zero ? OutsideView.Read(places.Roots.Proc, pid, own, left < one ? left : one) : null;
        }
    }

    /// <summary>Those whose process lives.</summary>
    public IReadOnlyList<RegisteredView> Registered => _registered;

    /// <summary>Mount namespaces of no registered container.</summary>
    public IReadOnlyList<UnregisteredView> Others => _others;

    /// <summary>Files of the registry that are no entries, with one sentence that says why.</summary>
    public IReadOnlyList<(string Path, string Defect)> Broken => _broken;

    /// <summary>How many registered ones could not be looked at: they have too many mounts, or time was up.</summary>
    public int NotSeen { get; }

    /// <summary>The same of the others.</summary>
    public int OthersNotSeen { get; }
}

/// <summary>A registered container.</summary>
/// <param name="entry">As the registry has it.</param>
/// <param name="path">The entry's file.</param>
internal sealed class RegisteredView(RegistryEntry entry, string path)
{
    private static readonly TimeSpan AttachTakes = TimeSpan.FromSeconds(5); // a hook has 2 s

    public RegistryEntry Entry { get; } = entry;

    /// <summary>Its mounts; null: they could not be looked at.</summary>
    public OutsideView? View { get; set; }

    /// <summary>Its entry is so new that whoever wrote it may be just bringing in the files.</summary>
    public bool IsBeingAttached => (DateTime.UtcNow - File.GetLastWriteTimeUtc(path)).Duration() < AttachTakes;

    /// <summary>As in the table of procfs status.</summary>
    public string Name => Entry.Id.Length > 24 ? Entry.Id[..12] : Entry.Id;
}

/// <summary>A mount namespace that belongs to no registered container.</summary>
/// <param name="Pid">A process in it.</param>
/// <param name="View">Its mounts.</param>
/// <param name="HasOwnPids">That process is in another pid namespace than the host's.</param>
/// <param name="IsOfService">It is in the cgroup of a service of systemd's, or below.</param>
internal sealed record UnregisteredView(int Pid, OutsideView View, bool HasOwnPids, bool IsOfService)
{
    /// <summary>
    /// Whether it may be a container's, by its /proc. A service with a private /tmp has the host's; one with ProtectProc= a /proc of its own that shows the host's processes, as
    /// a container in the host's pid namespace has, too.
    /// </summary>
    /// <param name="hostProc">The device of the host's /proc; null: it is not to be seen.</param>
    public bool IsOfContainer(string? hostProc) => View.ProcDevice is { } device && device != hostProc && (HasOwnPids || !IsOfService);
}
