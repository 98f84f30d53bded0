using BenchmarkDotNet.Attributes;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Benchmarks;

/// <summary>One sample booked and given out: a second later each time, half of the CPUs' time used.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class LedgerBenchmarks
{
    private const long Second = 1_000_000_000;

    private readonly CpuLedger _ledger = new();
    private readonly CpuTimes _times = new();
    private CpuView _cpus = null!;
    private long[] _perCpu = [];
    private long _now;
    private long _used;

    [Params(2, 16, 128)]
    public int Cpus { get; set; }

    /// <summary>v1 says how much was used on each CPU, v2 does not.</summary>
    [Params(false, true)]
    public bool PerCpu { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _cpus = CpuView.Of(null, null, CpuSet.FirstOf(Cpus), default, last: null);
        _perCpu = PerCpu ? new long[Cpus] : [];
        _now = 1000 * Second;
    }

    [Benchmark]
    public Int128 Update()
    {
        _now += Second;
        _used += Second / 2 * Cpus;
        for (int cpu = 0; cpu < _perCpu.Length; cpu++)
        {
            _perCpu[cpu] += Second / 2;
        }

        CpuSample sample = new() { NowNs = _now, StartNs = 990 * Second, UserNs = _used / 4 * 3, SystemNs = _used / 4, PerCpuNs = _perCpu, Cpus = _cpus };
        _ledger.Update(_ledger.Version, sample, _times);
        return _times.Sum.UserNs;
    }
}
