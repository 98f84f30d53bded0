using System.Globalization;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>Numbers that no machine has yet, or only large ones after a long time: nothing wraps.</summary>
public sealed class LargeNumbersTests
{
    private const long Day = 86_400 * TestClock.Second;

    /// <summary>512 CPUs give 2^63 ns in 208 days.</summary>
    [Theory]
    [InlineData(64, 3000)]
    [InlineData(512, 100)]
    [InlineData(512, 300)]
    [InlineData(1024, 3000)]
    public void A_large_host_that_runs_for_long_has_all_its_idle_time(int cpus, int days)
    {
        using HostTree host = HostTree.V2().Cgroup("/c", ("cpu.max", "max 100000"), ("cpu.stat", "usage_usec 0\nuser_usec 0\nsystem_usec 0"), ("cgroup.procs", "50"));
        host.Process(50, startTicks: 0, "/c").Write("sys/devices/system/cpu/online", $"0-{cpus - 1}\n").Write("proc/stat", HostTexts.Stat(cpus));
        using Daemonless daemon = new(host);
        Daemonless.Worker worker = daemon.NewWorker();
        daemon.Clock.NowNs = days * Day;
        AssertIdle(worker, (Int128)cpus * days * 86_400);
        daemon.Clock.NowNs += 400 * Day;
        AssertIdle(worker, (Int128)cpus * (days + 400) * 86_400);
    }

    [Fact]
    public void Samples_without_sense_never_wrap_and_nothing_falls()
    {
        long[] times = [0, 1, 1000, TestClock.Second, long.MaxValue / 4, long.MaxValue / 2, long.MaxValue - 1, long.MaxValue];
        for (int seed = 0; seed < 2000; seed++)
        {
            Random random = new(seed);
            CpuLedger ledger = new();
            CpuTimes result = new();
            CpuTime last = default;
            long now = random.NextInt64(long.MaxValue / 64);
            for (int step = 0; step < 20; step++)
            {
                CpuView cpus = CpuView.Of(null, random.Next(2) == 0 ? null : new CpuQuota(1 + random.NextInt64(long.MaxValue), 1 + random.NextInt64(long.MaxValue)),
                    CpuSet.FirstOf(1 + random.Next(8)), default, last: null);
                now += random.Next(3) switch { 0 => 0, 1 => TestClock.Second, _ => random.NextInt64(long.MaxValue / 32) };
                long user = times[random.Next(times.Length)];
                long system = Math.Min(times[random.Next(times.Length)], long.MaxValue - user);
                ledger.Update(ledger.Version, new CpuSample
                {
                    NowNs = now,
                    StartNs = random.Next(2) == 0 ? null : times[random.Next(times.Length)],
                    HasUsage = random.Next(4) != 0,
                    UserNs = user,
                    SystemNs = system,
                    NiceNs = random.NextInt64(user),
                    PerCpuNs = random.Next(2) == 0 ? default : [user, system, times[random.Next(times.Length)]],
                    Cpus = cpus,
                }, result);
                CpuTime sum = result.Sum;
                Assert.True(sum.UserNs >= last.UserNs && sum.NiceNs >= last.NiceNs && sum.SystemNs >= last.SystemNs && sum.IdleNs >= last.IdleNs,
                    $"seed {seed}, step {step}: {last} then {sum}");
                for (int cpu = 0; cpu < result.Visible; cpu++)
                {
                    CpuTime time = result[cpu];
                    Assert.True(time.UserNs >= 0 && time.NiceNs >= 0 && time.SystemNs >= 0 && time.IdleNs >= 0, $"seed {seed}, step {step}, CPU {cpu}: {time}");
                }

                last = sum;
            }
        }
    }

    [Theory]
    [InlineData("0.00 0.00\n", 0L)]
    [InlineData("12.34 1.00\n", 12_340_000_000L)]
    [InlineData("9223372036.85 0.00\n", 9_223_372_036_850_000_000L)]
    [InlineData("9223372036854775807.99 0.00\n", null)]
    [InlineData("9223372037.00 0.00\n", null)]
    [InlineData("12.9223372036854775807 0.00\n", null)]
    [InlineData("-1.00 0.00\n", 0L)]
    [InlineData("", 0L)]
    public void An_uptime_that_does_not_fit_is_cut_not_wrapped(string text, long? expected)
    {
        using HostTree host = HostTree.V2().Write("proc/uptime", text);
        long now = new ProcFs.Host.UptimeClock(host.Path("proc")).GetTimestamp();
        Assert.InRange(now, 0, long.MaxValue);
        Assert.Equal(expected ?? now, now);
        if (expected is null)
        {
            Assert.Contains(now, new[] { 0, long.MaxValue });
        }
    }

    private static void AssertIdle(Daemonless.Worker worker, Int128 seconds)
    {
        string stat = worker.Show("stat");
        long[] sum = Lines.Stat(stat, "cpu");
        Assert.All(sum, number => Assert.True(number >= 0, stat));
        Assert.Equal(seconds * 100, sum[3]);
        Assert.Equal(seconds * 100, stat.Split('\n').Where(line => line.StartsWith("cpu", StringComparison.Ordinal) && !line.StartsWith("cpu ", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ')[4], CultureInfo.InvariantCulture)));
        Assert.EndsWith($" {seconds}.00\n", worker.Show("uptime"), StringComparison.Ordinal);
    }
}
