using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>The CPU ledger over random histories: nothing falls, nothing is lost, capacity is exact.</summary>
public sealed class LedgerTests
{
    private const long Second = 1_000_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_ever_falls_whatever_the_cgroup_says(bool perCpu)
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            Random random = new(seed);
            History history = new(random, perCpu);
            CpuTime[] last = [];
            for (int step = 0; step < 100; step++)
            {
                CpuTimes times = history.Step(stableLimits: false);
                CpuTime[] now = [.. Enumerable.Range(0, times.Visible).Select(cpu => times[cpu]), times.Sum];
                for (int i = 0; i < Math.Min(now.Length, last.Length) - 1; i++)
                {
                    AssertNotBelow(last[i], now[i], seed, step);
                }

                AssertNotBelow(last.Length == 0 ? default : last[^1], now[^1], seed, step);
                last = now;
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_stable_limits_every_second_gives_the_capacity_to_the_nanosecond(bool perCpu)
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            History history = new(new Random(seed), perCpu);
            CpuTimes times = history.Step(stableLimits: true);
            (long at, Int128 booked) = (history.NowNs, Total(times));
            for (int step = 0; step < 100; step++)
            {
                times = history.Step(stableLimits: true);
            }

            Int128 capacity = (Int128)(history.NowNs - at) * history.Cpus.CapacityNumerator / history.Cpus.CapacityDenominator;
            // The fraction of a nanosecond that was left over at the beginning counts as well.
            Assert.InRange(Total(times) - booked, capacity, capacity + 1);
        }
    }

    [Fact]
    public void A_container_that_uses_its_whole_quota_is_never_idle()
    {
        CpuLedger ledger = new();
        CpuView cpus = View(4, new CpuQuota(150_000, 100_000));
        CpuTimes times = new();
        long now = 1000 * Second;
        long used = 0;
        Update(ledger, times, cpus, now, used, now);
        Int128 idle = times.Sum.IdleNs;
        for (int step = 0; step < 1000; step++)
        {
            now += 7_777_777;
            used += 7_777_777 * 3 / 2;
            Update(ledger, times, cpus, now, used, 1000 * Second);
        }

        Assert.InRange(times.Sum.IdleNs - idle, 0, 2000);
        Assert.InRange(used - times.Sum.UserNs, 0, 2000);
    }

    [Fact]
    public void A_sample_older_than_the_one_booked_last_is_dropped()
    {
        CpuLedger ledger = new();
        CpuView cpus = View(2, null);
        CpuTimes first = new();
        CpuTimes second = new();
        Update(ledger, first, cpus, 1000 * Second, 0, 1000 * Second);
        int before = ledger.Version;
        Update(ledger, second, cpus, 1010 * Second, 8 * Second, 1000 * Second);
        ledger.Update(before, Sample(cpus, 1011 * Second, 7 * Second, 1000 * Second), first);
        Assert.Equal(second.Sum, first.Sum);
        Update(ledger, second, cpus, 1020 * Second, 10 * Second, 1000 * Second);
        Assert.Equal(10 * Second, second.Sum.UserNs);
    }

    [Fact]
    public void A_moment_without_usage_is_not_booked_twice()
    {
        CpuLedger ledger = new();
        CpuView cpus = View(2, null);
        CpuTimes times = new();
        Update(ledger, times, cpus, 1000 * Second, 50 * Second, 900 * Second);
        ledger.Update(ledger.Version, new CpuSample { NowNs = 1010 * Second, StartNs = 900 * Second, HasUsage = false, UserNs = 0, SystemNs = 0, Cpus = cpus }, times);
        Assert.Equal(50 * Second, times.Sum.UserNs);
        Update(ledger, times, cpus, 1020 * Second, 55 * Second, 900 * Second);
        Assert.Equal(55 * Second, times.Sum.UserNs);
    }

    [Fact]
    public void Usage_that_is_told_only_later_is_not_a_burst()
    {
        CpuLedger ledger = new();
        CpuView cpus = View(2, null);
        CpuTimes times = new();
        ledger.Update(ledger.Version, new CpuSample { NowNs = 1000 * Second, StartNs = 900 * Second, HasUsage = false, UserNs = 0, SystemNs = 0, Cpus = cpus }, times);
        Update(ledger, times, cpus, 1010 * Second, 50 * Second, 900 * Second);
        Update(ledger, times, cpus, 1020 * Second, 53 * Second, 900 * Second);
        Assert.Equal(3 * Second, times.Sum.UserNs);
    }

    [Fact]
    public void User_and_system_that_swap_time_between_reads_do_not_fall()
    {
        CpuLedger ledger = new();
        CpuView cpus = View(1, null);
        CpuTimes times = new();
        ledger.Update(ledger.Version, Sample(cpus, 1000 * Second, 5 * Second, 900 * Second, systemNs: 5 * Second), times);
        ledger.Update(ledger.Version, Sample(cpus, 1010 * Second, 4 * Second, 900 * Second, systemNs: 7 * Second), times);
        Assert.Equal((5 * Second, 6 * Second), (times.Sum.UserNs, times.Sum.SystemNs));
    }

    private static Int128 Total(CpuTimes times) => times.Sum.UserNs + times.Sum.NiceNs + times.Sum.SystemNs + times.Sum.IdleNs;

    private static void AssertNotBelow(CpuTime before, CpuTime now, int seed, int step)
        => Assert.True(now.UserNs >= before.UserNs && now.NiceNs >= before.NiceNs && now.SystemNs >= before.SystemNs && now.IdleNs >= before.IdleNs,
            $"seed {seed}, step {step}: {before} then {now}");

    private static CpuView View(int cpus, CpuQuota? quota) => CpuView.Of(null, quota, CpuSet.FirstOf(cpus), default, last: null);

    private static CpuSample Sample(CpuView cpus, long now, long user, long start, long systemNs = 0)
        => new() { NowNs = now, StartNs = start, UserNs = user, SystemNs = systemNs, Cpus = cpus };

    private static void Update(CpuLedger ledger, CpuTimes times, CpuView cpus, long now, long user, long start)
        => ledger.Update(ledger.Version, Sample(cpus, now, user, start), times);

    /// <summary>A random life of a cgroup: bursts, pauses, resets, new limits, other CPUs.</summary>
    private sealed class History(Random random, bool perCpu)
    {
        private readonly CpuLedger _ledger = new();
        private readonly CpuTimes _times = new();
        private readonly long[] _perCpu = new long[8];
        private long _user;
        private long _system;
        private long _nice;

        public long NowNs { get; private set; } = 1000 * Second;

        public CpuView Cpus { get; private set; } = View(1 + random.Next(8), random.Next(2) == 0 ? null : new CpuQuota(1 + random.Next(900_000), 1 + random.Next(200_000)));

        public CpuTimes Step(bool stableLimits)
        {
            long elapsed = random.Next(5) == 0 ? 0 : random.NextInt64(20 * Second);
            NowNs += elapsed;
            for (int cpu = 0; cpu < _perCpu.Length; cpu++)
            {
                long used = random.NextInt64(elapsed + 1);
                _perCpu[cpu] += used;
                long user = random.NextInt64(used + 1);
                _user += user;
                _system += used - user;
                _nice += random.NextInt64(user + 1);
            }

            if (!stableLimits && random.Next(20) == 0)
            {
                (_user, _system, _nice) = (0, 0, 0);
                Array.Clear(_perCpu);
            }

            if (!stableLimits && random.Next(10) == 0)
            {
                Cpus = View(1 + random.Next(8), random.Next(2) == 0 ? null : new CpuQuota(1 + random.Next(900_000), 1 + random.Next(200_000)));
            }

            CpuSample sample = new()
            {
                NowNs = NowNs,
                StartNs = 990 * Second,
                UserNs = _user,
                SystemNs = _system,
                NiceNs = _nice,
                PerCpuNs = perCpu ? _perCpu : default,
                Cpus = Cpus,
            };
            _ledger.Update(_ledger.Version, sample, _times);
            return _times;
        }
    }
}
