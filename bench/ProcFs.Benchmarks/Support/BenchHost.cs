using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Host;
using ProcFs.Registration;
using ProcFs.Serving;
using ProcFs.Tests.Support;

namespace ProcFs.Benchmarks.Support;

/// <summary>
/// A host with so many CPUs as a directory of plain files, made of captured texts, and what a daemon knows of it. In it one container that may
/// use all CPUs: its first process is 10, it is registered as number 1. Plain files cost less to read than the kernel's: what is measured is
/// this program, not the kernel.
/// </summary>
internal sealed class BenchHost : IDisposable
{
    public const int Init = 10;
    public const ulong Number = 1;
    private const string Cgroup = "/c";
    private const long StartTicks = 100_000;
    private const int KeptDescriptors = 1024;

    private readonly HostTree _tree;
    private readonly HostRoots _roots;
    private readonly SharedCpuinfo _cpuinfo;
    private readonly List<HostView> _hosts = [];

    public BenchHost(string version, int cpus)
    {
        string all = string.Create(CultureInfo.InvariantCulture, $"0-{cpus - 1}\n");
        _tree = HostTree.Of(version);
        foreach (string name in (string[])["meminfo", "diskstats", "swaps"])
        {
            _tree.Write("proc/" + name, Captured.Text(version, "proc/" + name));
        }

        _tree.Write("proc/stat", Captured.Stat(version, cpus)).Write("proc/cpuinfo", Captured.Cpuinfo(version, cpus)).Write("sys/devices/system/cpu/online", all);
        _tree.Process(Init, StartTicks, Cgroup, "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1).Threads(Init, (Init, "S"));
        _tree.Cgroup(Cgroup, [.. Captured.CgroupFiles(version)]).WriteProcs(Cgroup, "10\n");
        string perCpu = string.Concat(Enumerable.Range(0, cpus).Select(cpu => string.Create(CultureInfo.InvariantCulture, $"{(cpu + 1) * 1_234_567_890L} ")));
        _tree.Cgroup(Cgroup, version == "v1"
            ? [("cpuset.effective_cpus", all), ("cpuset.cpus", all), ("cpu.cfs_quota_us", "-1"), ("cpuacct.usage_percpu", perCpu)]
            : [("cpuset.cpus.effective", all), ("cpu.max", "max 100000")]);

        _roots = HostRoots.From(_tree.Path("proc"), _tree.Path("sys/fs/cgroup"));
        _cpuinfo = new SharedCpuinfo(new HostFile(Path.Combine(_roots.Proc, "cpuinfo"), Clock));
        Views = new ViewService(_roots, new ViewOptions(), KeptDescriptors, NullLogger.Instance, Clock);
        Views.Registered.Add(new RegisteredContainer(Number, new RegistrationKey("bench", Init, StartTicks), _ => null));
    }

    public SteppingClock Clock { get; } = new();

    public ViewService Views { get; }

    /// <summary>The container, found by its cgroup.</summary>
    public CallerView Container => new CallerResolver(Views.Callers).ResolveCgroup(Cgroup);

    /// <summary>Its cgroups, by a way of their own.</summary>
    public ContainerCgroups OpenCgroups() => new CgroupTree(Views.Layout, new DescriptorPool(KeptDescriptors)).Open(CgroupPaths.Same(Views.Layout, Cgroup));

    /// <summary>What one worker fills its snapshots with.</summary>
    public SnapshotReader NewReader()
    {
        HostView host = new(_roots, Clock, _cpuinfo, ProcFiles.All.Select(entry => entry.File.Path));
        _hosts.Add(host);
        return new SnapshotReader(Views.Proc, host, Views.Settings);
    }

    public void Dispose()
    {
        _hosts.ForEach(host => host.Dispose());
        _cpuinfo.Dispose();
        Views.Dispose();
        _tree.Dispose();
    }
}
