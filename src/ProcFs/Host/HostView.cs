using ProcFs.Cgroups;

namespace ProcFs.Host;

/// <summary>
/// What the host's own files say, shared by all containers a worker serves for 100 ms (1 s where only a clock step or a hotplug
/// changes it). Each worker has its own, so no lock is needed.
/// </summary>
internal sealed class HostView : IDisposable
{
    /// <summary>How long one text of a moving host file serves every container, in ns.</summary>
    public const long SharedForNs = 100_000_000;

    private const long SlowForNs = 1_000_000_000;

    private readonly HostRoots _roots;
    private readonly List<HostFile> _opened = [];
    private readonly Dictionary<string, HostFile> _byServedPath = [];
    private readonly Dictionary<long, HostFile> _hugePages = [];
    private readonly HostFile _onlineFile;
    private readonly SharedCpuinfo _cpuinfo;
    private readonly HostFile _overcommitRatio;
    private readonly HostFile _overcommitKbytes;
    private int _onlineVersion;
    private byte[] _onlineText = [];
    private CpuSet _online = CpuSet.FirstOf(1);

    /// <param name="roots">Where the host's trees are.</param>
    /// <param name="clock">Time since boot in ns.</param>
    /// <param name="cpuinfo">The one text that all workers share.</param>
    /// <param name="servedPaths">The files whose own text may be asked for by <see cref="Now"/>.</param>
    public HostView(HostRoots roots, TimeProvider clock, SharedCpuinfo cpuinfo, IEnumerable<string> servedPaths)
    {
        _roots = roots;
        Clock = clock;
        Meminfo = new HostMeminfo(Open(Proc("meminfo")));
        Stat = new HostStat(Open(Proc("stat")));
        _cpuinfo = cpuinfo;
        Diskstats = Open(Proc("diskstats"));
        Vmstat = Open(Proc("vmstat"));
        Cpus = new HostCpus(Sys("devices/system/cpu"));
        _onlineFile = Open(Sys("devices/system/cpu/online"));
        _overcommitRatio = Open(Proc("sys/vm/overcommit_ratio"));
        _overcommitKbytes = Open(Proc("sys/vm/overcommit_kbytes"));
        foreach (string path in servedPaths)
        {
            _byServedPath.Add(path, Open(Original(path)));
        }
    }

    /// <summary>Time since boot in ns.</summary>
    public TimeProvider Clock { get; }

    public HostMeminfo Meminfo { get; }

    public HostStat Stat { get; }

    /// <summary>cpuinfo as it was when the set of online CPUs last changed: the same array until then.</summary>
    public byte[] CpuinfoText => _cpuinfo.TextFor(OnlineCpus);

    public HostFile Diskstats { get; }

    public HostFile Vmstat { get; }

    /// <summary>Its directories of CPUs.</summary>
    public HostCpus Cpus { get; }

    /// <summary>The CPUs that are online now: sysfs, else the cpu lines of the stat file; CPU 0 where neither tells.</summary>
    public CpuSet OnlineCpus
    {
        get
        {
            ReadOnlySpan<byte> text = _onlineFile.Read(SlowForNs);
            if (_onlineFile.Version != _onlineVersion)
            {
                _onlineVersion = _onlineFile.Version;
                if (!text.IsEmpty && text.SequenceEqual(_onlineText))
                {
                    return _online;
                }

                _onlineText = text.ToArray();
                CpuSet read = CpuSet.TryParse(text, out CpuSet listed) && listed.Count > 0 ? listed : Stat.OnlineCpus();
                // The same object as long as the set is the same: others remember what they made from it.
                _online = read.Count == 0 || read.Equals(_online) ? _online : read;
            }

            return _online;
        }
    }

    /// <summary>vm.overcommit_ratio in percent (proc_sys_vm(5)); the kernel's default of 50 where it cannot be read.</summary>
    public long OvercommitRatio => Number(_overcommitRatio, 50);

    /// <summary>vm.overcommit_kbytes; zero means that the ratio counts.</summary>
    public long OvercommitKbytes => Number(_overcommitKbytes, 0);

    /// <summary>The number of huge pages of one size that the host has (sysfs mm/hugepages).</summary>
    public long HugePages(long pageSizeBytes)
    {
        if (!_hugePages.TryGetValue(pageSizeBytes, out HostFile? file))
        {
            file = Open(Sys($"kernel/mm/hugepages/hugepages-{pageSizeBytes / 1024}kB/nr_hugepages"));
            _hugePages.Add(pageSizeBytes, file);
        }

        return Number(file, 0);
    }

    /// <summary>The host's own text of a served file, as it is now ("proc/meminfo", "sys/devices/system/cpu/online").</summary>
    public ReadOnlySpan<byte> Now(string servedPath) => _byServedPath[servedPath].Read(0);

    /// <summary>Whether the host has a served file itself.</summary>
    public bool Has(string servedPath) => _byServedPath[servedPath].IsThere;

    /// <summary>Whether the host's kernel has a served file switched off, and says EOPNOTSUPP to its readers. That does not change before the next boot.</summary>
    public bool IsOff(string servedPath)
    {
        HostFile file = _byServedPath[servedPath];
        file.Read(long.MaxValue);
        return file.IsOff;
    }

    public void Dispose()
    {
        Cpus.Dispose();
        foreach (HostFile file in _opened)
        {
            file.Dispose();
        }
    }

    private static long Number(HostFile file, long otherwise)
        => Text.NumberText.TryParse(file.Read(SlowForNs).TrimEnd((byte)'\n'), out long number) ? number : otherwise;

    private string Proc(string name) => Path.Combine(_roots.Proc, name);

    private string Sys(string name) => Path.Combine(_roots.Sys, name);

    private string Original(string servedPath)
        => servedPath.StartsWith("proc/", StringComparison.Ordinal) ? Proc(servedPath["proc/".Length..]) : Sys(servedPath["sys/".Length..]);

    private HostFile Open(string path)
    {
        HostFile file = new(path, Clock);
        _opened.Add(file);
        return file;
    }
}
