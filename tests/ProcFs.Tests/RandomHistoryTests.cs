using System.Globalization;
using ProcFs.Files;

namespace ProcFs.Tests;

/// <summary>
/// What every text keeps to, whatever becomes of a container: limits that come and go, counters that are reset, files that vanish or hold nonsense, threads
/// that start and end, and time that passes in between.
/// </summary>
public sealed class RandomHistoryTests
{
    private const int Seeds = 25;
    private const int Steps = 50;
    private const int MostThreads = 12;
    private const long HostKb = 16384000;

    public static TheoryData<string> Versions => ["v1", "v2"];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Nothing_is_negative_or_more_than_there_is_and_no_counter_falls(string version)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            using RandomContainer container = new(version, new Random(seed));
            Dictionary<string, long[]> before = [];
            for (int step = 0; step < Steps; step++)
            {
                container.Change();
                Dictionary<string, string> texts = ProcFiles.All.ToDictionary(entry => entry.File.Path, entry => container.Show(entry.File.Path));
                try
                {
                    Check(texts, before);
                }
                catch (Exception exception) when (exception is Xunit.Sdk.XunitException or FormatException or OverflowException)
                {
                    Assert.Fail($"{version}, seed {seed}, step {step}: {exception.Message}\n{string.Join('\n', container.Files)}\n{string.Join('\n', texts.Values)}");
                }
            }
        }
    }

    private static void Check(Dictionary<string, string> texts, Dictionary<string, long[]> before)
    {
        Assert.All(texts.Values, text => Assert.DoesNotContain("-", text.Replace("-3\n", "", StringComparison.Ordinal).Replace("slabinfo - version", "", StringComparison.Ordinal)
            .Replace("-1\n", "", StringComparison.Ordinal).Replace("-2\n", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Dictionary<string, long> meminfo = texts["proc/meminfo"].Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line.Split(':')[0], line => Numbers(line)[^1]);
        Assert.InRange(meminfo["MemTotal"], 1, HostKb);
        Assert.InRange(meminfo["MemAvailable"], meminfo["MemFree"], meminfo["MemTotal"]);
        Assert.InRange(meminfo["MemFree"], 0, meminfo["MemTotal"]);
        Assert.InRange(meminfo["SwapFree"], 0, meminfo["SwapTotal"]);
        Assert.InRange(meminfo["SwapTotal"], 0, 2097148);

        Dictionary<string, long> vmstat = texts["proc/vmstat"].Split('\n', StringSplitOptions.RemoveEmptyEntries).ToDictionary(line => line.Split(' ')[0], line => Numbers(line)[^1]);
        Assert.Equal(meminfo["MemFree"] / 4, vmstat["nr_free_pages"]);
        foreach ((string key, long value) in vmstat.Where(line => !line.Key.StartsWith("nr_", StringComparison.Ordinal)))
        {
            AssertNoFall(before, "vmstat " + key, [value]);
        }

        long[][] cpus = [.. texts["proc/stat"].Split('\n').Where(line => line.StartsWith("cpu", StringComparison.Ordinal)).Select(line => Numbers(line[line.IndexOf(' ', StringComparison.Ordinal)..]))];
        Assert.InRange(cpus.Length, 2, 5);
        AssertNoFall(before, "cpu", cpus[0]);
        for (int i = 0; i < cpus[0].Length; i++)
        {
            Assert.InRange(cpus[1..].Sum(cpu => cpu[i]), 0, cpus[0][i]);
        }

        for (int cpu = 1; cpu < cpus.Length; cpu++)
        {
            AssertNoFall(before, $"cpu{cpu - 1}", cpus[cpu]);
        }

        long[] processes = Numbers(texts["proc/stat"].Split('\n').Single(line => line.StartsWith("processes ", StringComparison.Ordinal)));
        AssertNoFall(before, "processes", processes);
        long[] uptime = Numbers(texts["proc/uptime"].Replace(".", "", StringComparison.Ordinal));
        AssertNoFall(before, "uptime", uptime);
        Assert.InRange(uptime[1], 0, 4 * (uptime[0] + 1)); // each of the two is cut

        long[] loads = Numbers(texts["proc/loadavg"].Replace(".", "", StringComparison.Ordinal).Replace('/', ' '));
        Assert.Equal(6, loads.Length);
        Assert.All(loads[..3], load => Assert.InRange(load, 0, MostThreads * 100));
        Assert.InRange(loads[3], 1, loads[4]);
        Assert.InRange(loads[4], 1, MostThreads);
        Assert.Equal(processes[0], loads[5]);

        Assert.All(texts["proc/diskstats"].Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Equal(20, line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length));
        foreach (string line in texts["proc/swaps"].Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..])
        {
            long[] numbers = Numbers(line);
            Assert.Equal((meminfo["SwapTotal"], meminfo["SwapTotal"] - meminfo["SwapFree"]), (numbers[0], numbers[1]));
        }
    }

    private static void AssertNoFall(Dictionary<string, long[]> before, string what, long[] now)
    {
        if (before.TryGetValue(what, out long[]? last))
        {
            for (int i = 0; i < now.Length; i++)
            {
                Assert.True(now[i] >= last[i], $"{what}, number {i}, fell from {last[i]} to {now[i]}");
            }
        }

        before[what] = now;
    }

    private static long[] Numbers(string text) => [.. text.Split([' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries)
        .Where(word => char.IsAsciiDigit(word[0])).Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
}
