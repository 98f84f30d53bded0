using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Host;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Tests.Support;

/// <summary>
/// A host as a directory of plain files, written by a test: the host of the conformance vectors unless the test says otherwise
/// (16384000 kB of memory, 2097148 kB of swap, 4 CPUs, boot 1100 s ago).
/// </summary>
internal sealed class HostTree : IDisposable
{
    public const string HostPidNamespace = "pid:[4026531836]";
    public const string HostMountNamespace = "mnt:[4026531841]";

    private static readonly string[] V1Controllers = ["memory", "cpu", "cpuacct", "cpuset", "blkio", "hugetlb"];

    private readonly string _root = Directory.CreateTempSubdirectory("procfs-tests-").FullName;
    private readonly bool _isV1;
    private ViewService? _views;
    private ViewRenderer? _renderer;

    private HostTree(bool isV1)
    {
        _isV1 = isV1;
        Write("proc/meminfo", HostTexts.Meminfo);
        Write("proc/stat", HostTexts.Stat(4));
        Write("proc/cpuinfo", HostTexts.Cpuinfo(4));
        Write("proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/vdb                                partition\t2097148\t\t0\t\t-2\n");
        Write("proc/diskstats", HostTexts.Diskstats);
        Write("proc/loadavg", "77.71 77.73 77.79 777/7777 77771\n");
        Write("proc/vmstat", HostTexts.Vmstat);
        Write("proc/slabinfo", HostTexts.Slabinfo);
        foreach (string resource in new[] { "cpu", "io", "memory" })
        {
            Write("proc/pressure/" + resource, HostTexts.Pressure);
        }

        Write("proc/pressure/irq", HostTexts.Pressure[HostTexts.Pressure.IndexOf("full", StringComparison.Ordinal)..]);
        Write("proc/sys/vm/overcommit_ratio", "50\n");
        Write("proc/sys/vm/overcommit_kbytes", "0\n");
        Write("sys/devices/system/cpu/online", "0-3\n");
        Write("sys/devices/system/cpu/kernel_max", "8191\n");
        Uptime(1100.00m);
        Namespaces("self", HostPidNamespace, HostMountNamespace);
        Process(1, startTicks: 1, cgroup: "/init.scope");
        foreach (string controller in isV1 ? V1Controllers : [])
        {
            Directory.CreateDirectory(Path("sys/fs/cgroup/" + controller));
            Write($"sys/fs/cgroup/{controller}/cgroup.procs", "1\n");
        }

        if (!isV1)
        {
            Write("sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids\n");
            Write("sys/fs/cgroup/cgroup.procs", "1\n");
        }
    }

    public ViewOptions Options { get; init; } = new();

    public static HostTree V1() => new(isV1: true);

    public static HostTree V1With(ViewOptions options) => new(isV1: true) { Options = options };

    public static HostTree V2() => new(isV1: false);

    public static HostTree V2With(ViewOptions options) => new(isV1: false) { Options = options };

    public static HostTree Of(string version) => version == "v1" ? V1() : V2();

    /// <summary>The directories of CPUs, as x86 has them: two packages of equal size, two threads a core, an L1 cache for each core and an L3 for each package.</summary>
    public HostTree CpuDirectories(int cpus)
    {
        int perPackage = Math.Max(1, cpus / 2);
        for (int cpu = 0; cpu < cpus; cpu++)
        {
            int package = cpu / perPackage;
            string all = Range(package * perPackage, Math.Min(cpus, (package + 1) * perPackage));
            string core = Range(cpu / 2 * 2, Math.Min(cpus, (cpu / 2 * 2) + 2));
            string directory = $"sys/devices/system/cpu/cpu{cpu}/";
            Write(directory + "topology/physical_package_id", $"{package}\n").Write(directory + "topology/core_id", $"{cpu % perPackage / 2}\n");
            Write(directory + "topology/thread_siblings_list", core + "\n").Write(directory + "topology/package_cpus_list", all + "\n");
            Write(directory + "topology/thread_siblings", Mask(cpus, core)).Write(directory + "topology/package_cpus", Mask(cpus, all));
            Write(directory + "cache/index0/level", "1\n").Write(directory + "cache/index0/shared_cpu_list", core + "\n").Write(directory + "cache/index0/shared_cpu_map", Mask(cpus, core));
            Write(directory + "cache/index3/level", "3\n").Write(directory + "cache/index3/shared_cpu_list", all + "\n").Write(directory + "cache/index3/shared_cpu_map", Mask(cpus, all));
            Write(directory + "online", "1\n").Write(directory + "crash_notes", "3f5e2c00\n").Write(directory + "uevent", "DRIVER=processor\n");
        }

        return this;

        static string Range(int first, int end) => end - first == 1 ? $"{first}" : $"{first}-{end - 1}";
    }

    /// <summary>A bitmap as the kernel prints it, of as many CPUs.</summary>
    public static string Mask(int cpus, string list)
    {
        if (!ProcFs.Cgroups.CpuSet.TryParse(list, out ProcFs.Cgroups.CpuSet set))
        {
            throw new ArgumentException($"no list of CPUs: {list}", nameof(list));
        }

        StringBuilder text = new();
        for (int digit = ((cpus + 3) / 4) - 1; digit >= 0; digit--)
        {
            int value = Enumerable.Range(0, 4).Sum(bit => set.Contains((digit * 4) + bit) ? 1 << bit : 0);
            text.Append($"{value:x}").Append(digit > 0 && digit % 8 == 0 ? "," : "");
        }

        return text.Append('\n').ToString();
    }

    public string Path(string path) => System.IO.Path.Combine(_root, path);

    public HostTree Write(string path, string text)
    {
        string file = Path(path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text, Encoding.Latin1);
        return this;
    }

    /// <summary>Sets the time since boot; what the host's files said before is then too old.</summary>
    public HostTree Uptime(decimal seconds) => Write("proc/uptime", string.Create(CultureInfo.InvariantCulture, $"{seconds:0.00} 0.00\n"));

    /// <summary>A cgroup in every hierarchy; each file goes where its controller lives. No values: just the directory.</summary>
    public HostTree Cgroup(string path, params (string Name, string Text)[] files)
    {
        foreach (string hierarchy in _isV1 ? V1Controllers : [""])
        {
            Directory.CreateDirectory(Path("sys/fs/cgroup/" + hierarchy + path));
        }

        foreach ((string name, string text) in files)
        {
            string hierarchy = _isV1 ? name.Split('.')[0] + "/" : "";
            Write("sys/fs/cgroup/" + hierarchy.TrimEnd('/') + path + "/" + name, text.EndsWith('\n') ? text : text + "\n");
        }

        return this;
    }

    /// <summary>Which processes are in a cgroup.</summary>
    public HostTree WriteProcs(string cgroup, string pids)
    {
        foreach (string hierarchy in _isV1 ? V1Controllers : [""])
        {
            Write("sys/fs/cgroup/" + hierarchy + cgroup + "/cgroup.procs", pids);
        }

        return this;
    }

    /// <summary>A process. In a pid namespace of its own with <paramref name="namespacePid"/>; its cgroup is the same in all hierarchies.</summary>
    public HostTree Process(int pid, long startTicks, string cgroup, string pidNamespace = HostPidNamespace, string mountNamespace = HostMountNamespace,
        int namespacePid = 0, int parent = 0, string state = "S", string name = "init", string mountinfo = "")
    {
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{pid} ({name}) {state} {parent} {pid} {pid} 0 -1 4194560 236 0 0 0 1 2 0 0 20 0 1 0 {startTicks} 1000 100 18446744073709551615\n");
        string numbers = namespacePid == 0 ? $"{pid}" : $"{pid}\t{namespacePid}";
        string status = $"Name:\t{name}\nState:\t{state} (sleeping)\nTgid:\t{pid}\nPid:\t{pid}\nPPid:\t{parent}\nNSpid:\t{numbers}\nThreads:\t1\n";
        Write($"proc/{pid}/stat", text);
        Write($"proc/{pid}/status", status);
        Write($"proc/{pid}/mountinfo", mountinfo);
        Write($"proc/{pid}/cgroup", _isV1 ? string.Concat(V1Controllers.Select((controller, index) => $"{index + 2}:{controller}:{cgroup}\n")) : $"0::{cgroup}\n");
        Namespaces(pid.ToString(CultureInfo.InvariantCulture), pidNamespace, mountNamespace);
        return this;
    }

    /// <summary>Puts a process into a time namespace of its own; "self" is in the host's.</summary>
    public HostTree TimeNamespace(int pid, string offsets)
    {
        Link("self", "time", "time:[4026531834]");
        Link(pid.ToString(CultureInfo.InvariantCulture), "time", "time:[4026532999]");
        return Write($"proc/{pid}/timens_offsets", offsets);
    }

    /// <summary>The threads of a process, each "tid state", numbered from 1 in its own namespace.</summary>
    public HostTree Threads(int pid, params (int Tid, string State)[] threads)
    {
        int number = 0;
        foreach ((int tid, string state) in threads)
        {
            number++;
            Write($"proc/{pid}/task/{tid}/stat", $"{tid} (a b) c) {state} 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n");
            Write($"proc/{pid}/task/{tid}/status", $"Name:\tt\nState:\t{state} (x)\nNSpid:\t{tid}\t{number}\nThreads:\t{threads.Length}\n");
        }

        string status = File.ReadAllText(Path($"proc/{pid}/status")).Replace("Threads:\t1\n", $"Threads:\t{threads.Length}\n", StringComparison.Ordinal);
        return Write($"proc/{pid}/status", status);
    }

    /// <summary>Makes the directories of a cgroup vanish from every hierarchy.</summary>
    public void Remove(string cgroup)
    {
        foreach (string hierarchy in _isV1 ? V1Controllers : [""])
        {
            Directory.Delete(Path("sys/fs/cgroup/" + hierarchy + cgroup), recursive: true);
        }
    }

    /// <summary>The file as a container in this cgroup sees it.</summary>
    public string Show(string file, string cgroup = "/c")
    {
        TextBuffer output = new();
        Renderer.RenderCgroup(ProcFiles.Find(file)!, cgroup, output);
        return Encoding.Latin1.GetString(output.Text);
    }

    /// <summary>The CPUs as a container in this cgroup sees them.</summary>
    public Tree.SeenCpus SeeCgroup(string cgroup = "/c")
    {
        Process(77, 100000, cgroup, "pid:[4026532077]", "mnt:[4026532078]", namespacePid: 1).WriteProcs(cgroup, "77\n");
        return Renderer.See(0, 77);
    }

    /// <summary>The file as a thread sees it.</summary>
    public string ShowTo(int threadId, string file)
    {
        TextBuffer output = new();
        Renderer.Render(ProcFiles.Find(file)!, 0, (uint)threadId, output);
        return Encoding.Latin1.GetString(output.Text);
    }

    public ViewRenderer Renderer => _renderer ??= NewRenderer();

    public ViewRenderer NewRenderer() => Views(null).CreateRenderer();

    /// <summary>A renderer for which time stands still: the tree's own clock is a file, and reading that allocates.</summary>
    public ViewRenderer FixedClockRenderer() => Views(new FixedClock()).CreateRenderer();

    private ViewService Views(TimeProvider? clock)
        => _views ??= new ViewService(HostRoots.From(Path("proc"), Path("sys/fs/cgroup")), Options, 256, NullLogger.Instance, clock);

    private sealed class FixedClock : TimeProvider
    {
        public override long TimestampFrequency => 1_000_000_000;

        public override long GetTimestamp() => 1100_000_000_000;
    }

    public void Dispose()
    {
        _views?.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    private void Namespaces(string process, string pid, string mount)
    {
        Directory.CreateDirectory(Path($"proc/{process}/ns"));
        Link(process, "pid", pid);
        Link(process, "mnt", mount);
    }

    private void Link(string process, string name, string target)
    {
        string link = Path($"proc/{process}/ns/{name}");
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
    }
}
