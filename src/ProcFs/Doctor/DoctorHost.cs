using System.Text;
using ProcFs.Cgroups;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Interop;

namespace ProcFs.Doctor;

/// <summary>What the checks look at. What several of them need is found out once, when the first one asks.</summary>
internal sealed class DoctorHost
{
    private readonly Lazy<DaemonFacts> _daemon;
    private readonly Lazy<ContainerFacts> _containers;
    private readonly Lazy<OwnCommands> _own;

    public DoctorHost(DoctorPlaces places)
    {
        Places = places;
        Mounts = new HostMounts(ReadOrEmpty(places.Roots.Proc + "/self/mountinfo"));
        Files = new HostFiles(places.Root, Mounts);
        Systemd = new SystemdFacts(Files);
        Ask = HostProgram.Ask;
        ContainersMayRead = places.Root.Length == 0 ? SelinuxPolicy.ContainersMayRead : _ => null;
        OwnProcesses = () => Daemon.Processes();
        _daemon = new Lazy<DaemonFacts>(() => new DaemonFacts(places));
        _containers = new Lazy<ContainerFacts>(() => new ContainerFacts(places, Daemon));
        _own = new Lazy<OwnCommands>(() => new OwnCommands(places, Systemd.HasUnitFor(places.RunDirectory)));
    }

    public DoctorPlaces Places { get; }

    public HostMounts Mounts { get; }

    public HostFiles Files { get; }

    public SystemdFacts Systemd { get; }

    public DaemonFacts Daemon => _daemon.Value;

    public ContainerFacts Containers => _containers.Value;

    /// <summary>Command lines for what mends something.</summary>
    public OwnCommands Own => _own.Value;

    /// <summary>Reads the configuration as the daemon does.</summary>
    /// <exception cref="Failure">It cannot be used.</exception>
    public Func<ProcFsConfig> Config { get; init; } = () => new ProcFsConfig();

    /// <summary>Whether this is root, who can see everything.</summary>
    public bool IsRoot { get; init; } = Libc.EffectiveUserId() == 0;

    /// <summary>Runs a program of the host, and gives what it wrote; null when it was not done in time.</summary>
    public Func<IReadOnlyList<string>, string?> Ask { get; init; }

    /// <summary>What this kernel can do, tried out.</summary>
    public IReadOnlyList<KernelFeature> Features { get; init; } = KernelFeature.Probe();

    /// <summary>The kernel's log, as far as it may be read; empty when it may not.</summary>
    public Func<string> KernelLog { get; init; } = Doctor.KernelLog.Read;

    /// <summary>Processes of ours that run; the first one is the daemon, if it does.</summary>
    public Func<IReadOnlyList<OwnProcess>> OwnProcesses { get; init; }

    /// <summary>Whether the loaded policy of SELinux lets containers read files with a label; null: it cannot be asked, or knows no such label.</summary>
    public Func<string, bool?> ContainersMayRead { get; init; }

    /// <summary>Which hierarchy has which controller.</summary>
    public CgroupLayout Cgroups => CgroupLayout.Discover(Places.Roots.Proc, Places.Roots.Cgroup);

    /// <summary>A file of the host's procfs; empty when it cannot be read.</summary>
    public string Proc(string name) => Encoding.UTF8.GetString(ReadOrEmpty($"{Places.Roots.Proc}/{name}"));

    /// <summary>The inode of one of this program's own namespaces, or another process's; 0: it is not to be seen.</summary>
    /// <param name="process">A number, or "self".</param>
    /// <param name="name">As "mnt".</param>
    public ulong Namespace(string process, string name)
        => ProcessDirectory.NamespaceAt(Libc.AT_FDCWD, Libc.PathBytes($"{Places.Roots.Proc}/{process}/ns/{name}"));

    private static byte[] ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
