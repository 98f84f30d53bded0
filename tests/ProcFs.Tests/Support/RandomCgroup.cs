using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Tests.Support;

/// <summary>A random life of a cgroup on a host with 8 CPUs: bursts, pauses, resets, moments without usage, new limits, other CPUs.</summary>
internal sealed class RandomCgroup(Random random, bool perCpu)
{
    public const long StartNs = 990 * TestClock.Second;

    private readonly long[] _perCpu = new long[8];
    private long _user;
    private long _system;
    private long _nice;
    private bool _hasUsage = true;
    private long _nowNs = 1000 * TestClock.Second;

    public CpuView Cpus { get; set; } = RandomView(random);

    public static CpuView View(int cpus, CpuQuota? quota) => CpuView.Of(null, quota, CpuSet.FirstOf(cpus), default, last: null);

    public void Run()
    {
        long elapsed = random.Next(5) == 0 ? 0 : random.NextInt64(20 * TestClock.Second);
        _nowNs += elapsed;
        for (int cpu = 0; cpu < _perCpu.Length; cpu++)
        {
            long used = random.NextInt64(elapsed + 1);
            _perCpu[cpu] += used;
            long user = random.NextInt64(used + 1);
            _user += user;
            _system += used - user;
            _nice += random.NextInt64(user + 1);
        }

        _hasUsage = random.Next(10) != 0;
        if (random.Next(20) == 0)
        {
            (_user, _system, _nice) = (0, 0, 0);
            Array.Clear(_perCpu);
        }

        if (random.Next(10) == 0)
        {
            Cpus = RandomView(random);
        }
    }

    public CpuSample Sample() => new()
    {
        NowNs = _nowNs,
        StartNs = StartNs,
        HasUsage = _hasUsage,
        UserNs = _hasUsage ? _user : 0,
        SystemNs = _hasUsage ? _system : 0,
        NiceNs = _hasUsage ? _nice : 0,
        PerCpuNs = perCpu && _hasUsage ? _perCpu : default,
        Cpus = Cpus,
    };

    private static CpuView RandomView(Random random)
        => View(1 + random.Next(8), random.Next(2) == 0 ? null : new CpuQuota(1 + random.Next(900_000), 1 + random.Next(200_000)));
}
