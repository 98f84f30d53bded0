using System.Globalization;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Host;
using ProcFs.Interop;

namespace ProcFs.Triggers;

/// <summary>
/// Opens what triggers are written to. The host's files are held from the start: should somebody lay ours over them later, they are still
/// the host's. For any thread.
/// </summary>
internal sealed class PressureSources : IDisposable
{
    private static readonly string[] HostNames = ["cpu", "io", "memory", "irq"];

    private readonly string _proc;
    private readonly CgroupTree _tree;
    private readonly FileDescriptor?[] _host;

    public PressureSources(HostRoots roots, CgroupTree tree)
    {
        _proc = roots.Proc;
        _tree = tree;
        _host = [.. HostNames.Select(name => FileDescriptor.Open($"{roots.Proc}/pressure/{name}", Libc.O_PATH, out _))];
    }

    /// <summary>Opens the file for whoever sees this view.</summary>
    /// <param name="view">Whose pressure.</param>
    /// <param name="resource">Of what.</param>
    /// <param name="place">Where it turned out to be.</param>
    /// <param name="error">Why not; none with null: there is no file, and no pressure to be told of.</param>
    public FileDescriptor? Open(CallerView view, PressureResource resource, out TriggerPlace place, out Errno error)
    {
        if (view.IsHostProcess)
        {
            place = TriggerPlace.Host;
            return OpenHost(resource, out error);
        }

        ContainerCgroups cgroups = view.Container.Cgroups;
        int opened = cgroups.OpenPressure(resource, out CgroupIdentity identity);
        error = Libc.ErrorOf(opened);
        // Switched off there (cgroup.pressure), or none of its own.
        bool isNowhere = cgroups.UnifiedPath is null || error == Errno.ENOENT;
        place = isNowhere ? TriggerPlace.Nowhere : new TriggerPlace(TriggerPlaceKind.Cgroup, cgroups.UnifiedPath!, identity);
        error = isNowhere ? Errno.None : error;
        return opened < 0 ? null : new FileDescriptor(opened);
    }

    /// <summary>Opens the file that an earlier daemon had found; null and why not, and with none of that: there was none.</summary>
    public FileDescriptor? Open(in TriggerPlace place, PressureResource resource, out Errno error)
    {
        error = Errno.None;
        if (place.Kind != TriggerPlaceKind.Cgroup)
        {
            return place.Kind == TriggerPlaceKind.Host ? OpenHost(resource, out error) : null;
        }

        string path = place.Path;
        ContainerCgroups cgroups = _tree.Open(CgroupPaths.Create(_tree.Layout, hierarchy => ReferenceEquals(hierarchy, _tree.Layout.Unified) ? path : null));
        int opened = cgroups.OpenPressure(resource, out CgroupIdentity identity);
        FileDescriptor? file = opened < 0 ? null : new FileDescriptor(opened);
        error = Libc.ErrorOf(opened);
        if (file is not null && identity != place.Cgroup)
        {
            file.Dispose();
            file = null;
            error = Errno.ENODEV;
        }

        return file;
    }

    public void Dispose()
    {
        foreach (FileDescriptor? file in _host)
        {
            file?.Dispose();
        }
    }

    private FileDescriptor? OpenHost(PressureResource resource, out Errno error)
    {
        error = Errno.None;
        return _host[(int)resource] is { } held
            ? FileDescriptor.Open(string.Create(CultureInfo.InvariantCulture, $"{_proc}/self/fd/{held.Number}"), Libc.O_RDWR | Libc.O_NONBLOCK, out error)
            : null;
    }
}
