using ProcFs.Files;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;
using ProcFs.Tests.Support;
using ProcFs.Text;

namespace ProcFs.Fuzz.Targets;

/// <summary>
/// Files of the host, as <c>%% v2/proc/meminfo</c> and so on, and those of the one process of a container, 50: all served files are then made for the
/// container by its cgroup and for the process. <see cref="ProcRules"/> says what they keep to.
/// </summary>
internal sealed class ProcTarget : IFuzzTarget
{
    private const int Process = 50;
    private const string Cgroup = "/c";

    /// <summary>What of the host never shows in a container: with these changed alone, what depends on nothing of the host is as it was.</summary>
    private static readonly string[] NeverShown =
        ["proc/meminfo", "proc/swaps", "proc/diskstats", "proc/loadavg", "proc/vmstat", "proc/slabinfo", "proc/pressure/cpu", "proc/pressure/io", "proc/pressure/memory", "proc/uptime"];

    private readonly Side[] _sides = [new("v1", HostTree.V1()), new("v2", HostTree.V2())];

    public ProcTarget() => Changes = Sections.ChangesFor([.. _sides.SelectMany(side => side.Paths)]);

    public IReadOnlyList<Change> Changes { get; }

    public int LongestInput => 48 * 1024;

    public IEnumerable<byte[]> Seeds()
    {
        foreach (Side side in _sides)
        {
            foreach (string path in side.Paths)
            {
                yield return Sections.Format([(path, side.Original(path))]);
            }
        }

        foreach (string host in Directory.EnumerateDirectories(FuzzTargets.Fixtures).Where(host => Directory.Exists(host + "/proc")).Order(StringComparer.Ordinal))
        {
            string version = Path.GetFileName(host).StartsWith("v2", StringComparison.Ordinal) ? "v2" : "v1";
            foreach (string file in (string[])["meminfo", "stat", "diskstats", "swaps", "vmstat", "uptime"])
            {
                yield return Sections.Format([($"{version}/proc/{file}", File.ReadAllBytes($"{host}/proc/{file}"))]);
            }

            // One process of each host: the others are of the same form.
            string process = Directory.EnumerateDirectories(host + "/proc").Where(entry => int.TryParse(Path.GetFileName(entry), out int pid) && pid > 1).Order(StringComparer.Ordinal).First();
            yield return Sections.Format(((string[])["stat", "status", "cgroup", "mountinfo"]).Select(file => ($"{version}/proc/{Process}/{file}", File.ReadAllBytes($"{process}/{file}"))));
        }

        foreach (string file in Directory.EnumerateFiles(Path.Combine(FuzzTargets.Fixtures, "cpuinfo")).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            yield return Sections.Format([("v2/proc/cpuinfo", File.ReadAllBytes(file))]);
        }
    }

    public void Try(ReadOnlySpan<byte> input)
    {
        List<(string Path, byte[] Text)> files = Sections.Parse(input);
        foreach (Side side in _sides)
        {
            side.Try(files);
        }
    }

    public void Dispose()
    {
        foreach (Side side in _sides)
        {
            side.Dispose();
        }
    }

    /// <summary>A host of one cgroup version.</summary>
    private sealed class Side : IDisposable
    {
        private readonly string _name;
        private readonly HostTree _host;
        private readonly FileTree _files;
        private readonly Dictionary<string, byte[]> _before = [];

        public Side(string name, HostTree host)
        {
            _name = name;
            _host = host;
            Build(host, name == "v1");
            _files = new FileTree(Path.GetFullPath(host.Path(".")));
            foreach (string file in Directory.EnumerateFiles(_files.Root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_files.Root, file)).Where(IsFuzzed).Order(StringComparer.Ordinal))
            {
                _files.Adopt(file);
            }

            Paths = [.. _files.Paths.Select(path => $"{name}/{path}")];
            Show(Shown.All, (file, text) => _before[file] = text.ToArray());
        }

        /// <summary>Which texts are made.</summary>
        [Flags]
        private enum Shown
        {
            OfCgroup = 1,
            OfProcess = 2,
            OfCpus = 4,
            All = OfCgroup | OfProcess | OfCpus,
        }

        public IReadOnlyList<string> Paths { get; }

        public byte[] Original(string path) => _files.Original(path[(_name.Length + 1)..]);

        public void Try(List<(string Path, byte[] Text)> files)
        {
            bool isChanged = false;
            foreach ((string path, byte[] text) in files)
            {
                isChanged |= path.StartsWith(_name + "/", StringComparison.Ordinal) && _files.TryWrite(path[(_name.Length + 1)..], text);
            }

            if (!isChanged)
            {
                return;
            }

            try
            {
                bool isLeakTest = _files.Changed.All(NeverShown.Contains);
                ProcRules rules = new(_files);
                Show(ShownBy(_files.Changed), (file, text) =>
                {
                    rules.Check(file, text);
                    FuzzDefect.Unless(!isLeakTest || !IsIndependent(file) || text.SequenceEqual(_before[file]), $"{file} does not depend on what the host says of itself");
                });
            }
            finally
            {
                _files.Restore();
            }
        }

        public void Dispose() => _host.Dispose();

        /// <summary>The container of v2 has pressure of its own; where there is none, the host's lines are shown with zeros.</summary>
        private bool IsIndependent(string file)
            => file is "proc/loadavg" or "proc/uptime" or "proc/slabinfo" || (_name == "v2" && (file is "proc/pressure/cpu" or "proc/pressure/io" or "proc/pressure/memory"));

        /// <summary>All would take four times as long.</summary>
        private static Shown ShownBy(IReadOnlyCollection<string> changed)
            => (changed.Any(path => !path.StartsWith("sys/", StringComparison.Ordinal)) ? Shown.OfCgroup : 0)
                | (changed.Any(path => path.StartsWith($"proc/{Process}/", StringComparison.Ordinal)) ? Shown.OfProcess : 0)
                | (changed.Any(path => path.StartsWith("sys/", StringComparison.Ordinal)) ? Shown.OfCpus : 0);

        private static void Build(HostTree host, bool isV1)
        {
            host.CpuDirectories(4).Process(Process, 100000, Cgroup, "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1).Threads(Process, (Process, "S"), (51, "R"));
            host.TimeNamespace(Process, "monotonic           0         0\nboottime            0         0\n");
            host.Cgroup(Cgroup, isV1
                ? [("memory.limit_in_bytes", "536870912"), ("memory.usage_in_bytes", "4096000"), ("memory.stat", "hierarchical_memory_limit 536870912\ntotal_cache 8192\ntotal_rss 4096"),
                    ("memory.memsw.limit_in_bytes", "805306368"), ("memory.memsw.usage_in_bytes", "4096000"), ("memory.swappiness", "60"),
                    ("cpu.cfs_quota_us", "150000"), ("cpu.cfs_period_us", "100000"), ("cpuset.effective_cpus", "0-3"),
                    ("cpuacct.usage", "3000000000"), ("cpuacct.usage_percpu", "1000000000 2000000000 0 0"), ("cpuacct.stat", "user 200\nsystem 100"),
                    ("blkio.throttle.io_serviced_recursive", "254:0 Read 3\n254:0 Write 4\nTotal 7"), ("blkio.throttle.io_service_bytes_recursive", "254:0 Read 4096\n254:0 Write 8192\nTotal 12288")]
                : [("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192\nanon 4096"), ("memory.swap.max", "268435456"), ("memory.swap.current", "4096"),
                    ("cpu.max", "150000 100000"), ("cpuset.cpus.effective", "0-3"), ("cpu.stat", "usage_usec 7000000\nuser_usec 5000000\nsystem_usec 2000000"),
                    ("io.stat", "254:0 rbytes=4096 wbytes=8192 rios=3 wios=4 dbytes=0 dios=0"), ("cpu.pressure", HostTexts.Pressure), ("io.pressure", HostTexts.Pressure), ("memory.pressure", HostTexts.Pressure)]);
            host.WriteProcs(Cgroup, $"{Process}\n");
        }

        private static bool IsFuzzed(string path) => (path.StartsWith("proc/", StringComparison.Ordinal) && !path.StartsWith("proc/1/", StringComparison.Ordinal) && !path.Contains("/ns/", StringComparison.Ordinal))
            || path.StartsWith("sys/devices/system/cpu/cpu0/", StringComparison.Ordinal) || path is "sys/devices/system/cpu/online" or "sys/devices/system/cpu/kernel_max";

        /// <summary>All texts, by a daemon that has just started: "proc/meminfo" for the cgroup, "50 proc/meminfo" for the process, "cpu0 online" for a CPU.</summary>
        private void Show(Shown shown, Action<string, ReadOnlySpan<byte>> check)
        {
            using Daemonless daemon = new(_host);
            Daemonless.Worker worker = daemon.NewWorker();
            foreach ((_, IProcFile file) in ProcFiles.All)
            {
                if (shown.HasFlag(Shown.OfCgroup) || file.GoesByCpusAlone)
                {
                    check(file.Path, worker.ShowBytes(file.Path, Cgroup));
                }

                if (shown.HasFlag(Shown.OfProcess))
                {
                    check($"{Process} {file.Path}", worker.ShowBytesTo(Process, file.Path));
                }
            }

            // With one number in NSpid it is in no namespace but the host's.
            bool isOfHost = File.ReadLines(_host.Path($"proc/{Process}/status")).Any(line => line.StartsWith("NSpid:", StringComparison.Ordinal) && line.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries).Length == 2);
            TextBuffer output = new();
            foreach (CpuFile file in CpuFiles.All.Where(file => shown.HasFlag(Shown.OfCpus) && file.IsPerCpu && (file.Path.StartsWith("topology", StringComparison.Ordinal) || file.Path.StartsWith("cache/index0", StringComparison.Ordinal))))
            {
                for (int cpu = 0; cpu < 2; cpu++)
                {
                    output.Clear();
                    if (!worker.Renderer.TryRender(file, cpu, 0, Process, output))
                    {
                        continue;
                    }

                    // That may see the host's own file, whatever is in it.
                    if (!isOfHost || !output.Text.SequenceEqual(File.ReadAllBytes(_host.Path($"sys/devices/system/cpu/cpu{cpu}/{file.Path}"))))
                    {
                        check($"{file.Text} {file.Path}", output.Text);
                    }
                }
            }

            daemon.Close();
        }
    }
}
