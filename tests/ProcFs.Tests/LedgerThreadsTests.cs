using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>Workers that update one ledger at once, each with a sample that it took at its own moment.</summary>
public sealed class LedgerThreadsTests
{
    private const long Second = TestClock.Second;
    private const int Workers = 4;
    private const int Rounds = 50_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_falls_and_nothing_is_lost(int seed)
    {
        CpuLedger ledger = new();
        Cgroup cgroup = new();
        CpuView cpus = CpuView.Of(null, null, CpuSet.FirstOf(2), default, last: null);
        CpuTimes first = new();
        Book(ledger, cgroup, cpus, first);

        Published published = new();
        string? fault = null;
        Thread[] workers = [.. Enumerable.Range(0, Workers).Select(worker => new Thread(() =>
        {
            Random random = new((seed * 100) + worker);
            CpuTimes times = new();
            for (int i = 0; i < Rounds && Volatile.Read(ref fault) is null; i++)
            {
                CpuTime[] before = published.Latest;
                cgroup.Run(random);
                Book(ledger, cgroup, cpus, times, random);
                CpuTime[] now = [times[0], times[1], times.Sum];
                if (before.Where((value, index) => IsBelow(now[index], value)).Any())
                {
                    Volatile.Write(ref fault, $"{string.Join(", ", before)} was given out before {string.Join(", ", now)}");
                }

                published.Offer(now);
            }
        }))];
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        Assert.Null(fault);

        // What was used between a clock and a cgroup that were read one after the other is carried to a later moment.
        CpuTimes last = new();
        cgroup.Pause();
        Book(ledger, cgroup, cpus, last);
        (long user, long system) = cgroup.Usage;
        Assert.Equal((user, system), (last.Sum.UserNs, last.Sum.SystemNs));
        Assert.Equal(2 * (cgroup.NowNs - Cgroup.StartNs), user + system + last.Sum.IdleNs);
    }

    /// <summary>As a worker does: the version, then the clock, then the cgroup, then the update. In between the others get ahead.</summary>
    private static void Book(CpuLedger ledger, Cgroup cgroup, CpuView cpus, CpuTimes times, Random? random = null)
    {
        int version = ledger.Version;
        long now = cgroup.NowNs;
        YieldSometimes(random);
        (long user, long system) = cgroup.Usage;
        YieldSometimes(random);
        ledger.Update(version, new CpuSample { NowNs = now, StartNs = Cgroup.StartNs, UserNs = user, SystemNs = system, Cpus = cpus }, times);
    }

    private static void YieldSometimes(Random? random)
    {
        if (random?.Next(4) == 0)
        {
            Thread.Yield();
        }
    }

    private static bool IsBelow(CpuTime now, CpuTime before)
        => now.UserNs < before.UserNs || now.NiceNs < before.NiceNs || now.SystemNs < before.SystemNs || now.IdleNs < before.IdleNs;

    /// <summary>Two CPUs, never more than busy.</summary>
    private sealed class Cgroup
    {
        public const long StartNs = 1000 * Second;

        private readonly Lock _lock = new();
        private long _now = StartNs;
        private long _user;
        private long _system;

        public void Run(Random random)
        {
            lock (_lock)
            {
                long elapsed = random.NextInt64(10_000_000);
                long used = random.NextInt64((2 * elapsed) + 1);
                long user = random.NextInt64(used + 1);
                _now += elapsed;
                _user += user;
                _system += used - user;
            }
        }

        public long NowNs
        {
            get
            {
                lock (_lock)
                {
                    return _now;
                }
            }
        }

        public (long User, long System) Usage
        {
            get
            {
                lock (_lock)
                {
                    return (_user, _system);
                }
            }
        }

        /// <summary>Long enough for all that has been used to fit.</summary>
        public void Pause() => _now += 1000 * Second;
    }

    /// <summary>The highest values that any worker has been given.</summary>
    private sealed class Published
    {
        private readonly Lock _lock = new();
        private CpuTime[] _latest = new CpuTime[3];

        public CpuTime[] Latest
        {
            get
            {
                lock (_lock)
                {
                    return _latest;
                }
            }
        }

        public void Offer(CpuTime[] times)
        {
            lock (_lock)
            {
                _latest = [.. _latest.Zip(times, Highest)];
            }
        }

        private static CpuTime Highest(CpuTime a, CpuTime b) => new(
            a.UserNs > b.UserNs ? a.UserNs : b.UserNs, a.NiceNs > b.NiceNs ? a.NiceNs : b.NiceNs,
            a.SystemNs > b.SystemNs ? a.SystemNs : b.SystemNs, a.IdleNs > b.IdleNs ? a.IdleNs : b.IdleNs);
    }
}
