using System.Text;
using BenchmarkDotNet.Attributes;
using ProcFs.Benchmarks.Support;
using ProcFs.Cgroups;
using ProcFs.Cgroups.Parsing;
using ProcFs.Mountinfo;

namespace ProcFs.Benchmarks;

/// <summary>Kernel text to numbers, nothing read: what do the parsers cost?</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class ParseBenchmarks
{
    // What the readers of both versions ask for, in a table of the same size.
    private static readonly KeyTable MemoryKeysV1 = new(
        "total_cache", "total_rss", "total_rss_huge", "total_shmem", "total_mapped_file", "total_dirty", "total_writeback", "total_swapcached",
        "total_inactive_anon", "total_active_anon", "total_inactive_file", "total_active_file", "total_unevictable", "total_swap",
        "hierarchical_memory_limit", "hierarchical_memsw_limit");

    private static readonly KeyTable MemoryKeysV2 = new(
        "anon", "file", "kernel_stack", "pagetables", "sec_pagetables", "percpu", "vmalloc", "shmem", "zswap", "zswapped", "file_mapped", "file_dirty",
        "file_writeback", "swapcached", "anon_thp", "file_thp", "shmem_thp", "inactive_anon", "active_anon", "inactive_file", "active_file",
        "unevictable", "slab_reclaimable", "slab_unreclaimable");

    private static readonly KeyTable CpuKeys = new("usage_usec", "user_usec", "system_usec", "nice_usec");

    private readonly byte[] _memoryV1 = Bytes(Captured.CgroupText("v1", "memory", "memory.stat"));
    private readonly byte[] _memoryV2 = Bytes(Captured.CgroupText("v2", "memory", "memory.stat"));
    private readonly byte[] _cpuStat = Bytes(Captured.CgroupText("v2", "cpu", "cpu.stat"));
    private readonly byte[] _ioStat = Bytes(string.Concat(Enumerable.Range(0, 8).Select(n => $"254:{n} rbytes=4493312 wbytes=9441280 rios=68 wios=30 dbytes=0 dios=0\n")));
    private readonly byte[] _mountinfo = Bytes(Captured.Text("v1", "proc/self/mountinfo"));
    private readonly byte[] _membership = Bytes(Captured.Text("v1", "proc/22231/cgroup"));
    private readonly byte[] _cpusRange = Bytes("0-127\n");
    private readonly byte[] _cpusSingly = Bytes(string.Join(',', Enumerable.Range(0, 64).Select(cpu => cpu * 2)) + "\n");
    private readonly byte[] _perCpu = Bytes(string.Concat(Enumerable.Range(1, 128).Select(cpu => $"{cpu * 1_234_567_890L} ")) + "\n");
    private readonly ReusedList<BlockIoDevice> _devices = new();
    private readonly ReusedList<long> _numbers = new();

    [Benchmark(Description = "memory.stat v1")]
    public bool MemoryStatV1() => Parse(MemoryKeysV1, _memoryV1);

    [Benchmark(Description = "memory.stat v2")]
    public bool MemoryStatV2() => Parse(MemoryKeysV2, _memoryV2);

    [Benchmark(Description = "cpu.stat")]
    public bool CpuStat() => Parse(CpuKeys, _cpuStat);

    [Benchmark(Description = "io.stat, 8 devices")]
    public bool IoStat()
    {
        _devices.Clear();
        return IoStatText.Parse(_ioStat, _devices, out _);
    }

    [Benchmark(Description = "mountinfo")]
    public int Mountinfo()
    {
        int lines = 0;
        ReadOnlySpan<byte> text = _mountinfo;
        while (MountInfoLine.TryReadNext(ref text, out _))
        {
            lines++;
        }

        return lines;
    }

    [Benchmark(Description = "/proc/PID/cgroup, hybrid")]
    public int Membership()
    {
        int lines = 0;
        ReadOnlySpan<byte> text = _membership;
        while (MembershipLine.TryReadNext(ref text, out _))
        {
            lines++;
        }

        return lines;
    }

    [Benchmark(Description = "cpuset 0-127")]
    public bool CpusRange() => CpuSetText.TryParse(_cpusRange, 8191, out _);

    [Benchmark(Description = "cpuset 0,2,4…126")]
    public bool CpusSingly() => CpuSetText.TryParse(_cpusSingly, 8191, out _);

    [Benchmark(Description = "cpuacct.usage_percpu, 128")]
    public bool PerCpu() => NumberListText.TryParse(_perCpu, _numbers);

    private static bool Parse(KeyTable keys, byte[] text)
    {
        Span<long> values = stackalloc long[keys.Count];
        return keys.Parse(text, values, out _);
    }

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}
