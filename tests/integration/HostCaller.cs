namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   host               no limits; a process in the host's namespaces
//   limited-host       memory 80 MiB; the same
public sealed class HostCaller(ServedTree tree)
{
    [Theory]
    [InlineData("proc/swaps")]
    [InlineData("sys/devices/system/cpu/offline")]
    [InlineData("sys/devices/system/cpu/online")]
    [InlineData("sys/devices/system/cpu/possible")]
    [InlineData("sys/devices/system/cpu/present")]
    public void A_host_process_gets_the_hosts_text_of_a_file_that_stands_still(string file)
    {
        using TestCgroup host = new("host");

        Assert.Equal(File.ReadAllText("/" + file), host.Run("cat", $"{tree.Mount}/{file}").Ok());
    }

    [Fact]
    public void A_host_process_gets_the_hosts_cpuinfo_but_for_the_clock_of_the_moment()
    {
        using TestCgroup host = new("host");

        Assert.Equal(WithoutClock(File.ReadAllText("/proc/cpuinfo")), WithoutClock(host.Run("cat", $"{tree.Mount}/proc/cpuinfo").Ok()));
    }

    [Theory]
    [InlineData("proc/stat")]
    [InlineData("proc/uptime")]
    [InlineData("proc/diskstats")]
    public void A_host_process_gets_the_hosts_counters(string file)
    {
        using TestCgroup host = new("host");

        // Counters only rise, so what is read between two readings of the host's own file lies between them.
        string[] texts = host.Run("sh", "-c", $"cat /{file}; echo ==; cat {tree.Mount}/{file}; echo ==; cat /{file}").Ok().Split("==\n");

        // uptime has no names, only its two numbers.
        if (file != "proc/uptime")
        {
            Assert.Equal(ProcText.Keys(texts[0]), ProcText.Keys(texts[1]));
        }

        foreach ((string before, string served, string after) in ProcText.Lines(texts[0]).Zip(ProcText.Lines(texts[1]), ProcText.Lines(texts[2])))
        {
            if (IsGauge(before))
            {
                continue;
            }

            IReadOnlyList<long> low = Counters(file, before), value = Counters(file, served), high = Counters(file, after);
            Assert.Equal(low.Count, value.Count);
            // 0.2 s: the server may share what it read of the host that long. And idle time and waits for IO, the fourth and the fifth of ten, may fall: proc(5).
            Assert.All(value, (v, i) => Assert.InRange(v, low[i] - 20, high[i] + (before.StartsWith("cpu", StringComparison.Ordinal) && (value.Count - i is 7 or 6) ? 20 : 0)));
        }
    }

    [Fact]
    public void A_host_process_gets_the_hosts_meminfo()
    {
        using TestCgroup host = new("host");
        string own = File.ReadAllText("/proc/meminfo");

        string served = host.Run("cat", $"{tree.Mount}/proc/meminfo").Ok();
        long freeAfter = ProcText.Kib(File.ReadAllText("/proc/meminfo"), "MemFree");

        Assert.Equal(ProcText.Keys(own), ProcText.Keys(served));
        foreach (string constant in new[] { "MemTotal", "SwapTotal", "CommitLimit", "VmallocTotal", "Hugepagesize" })
        {
            Assert.Equal(ProcText.Kib(own, constant), ProcText.Kib(served, constant));
        }

        long freeBefore = ProcText.Kib(own, "MemFree");
        Assert.InRange(ProcText.Kib(served, "MemFree"), Math.Min(freeBefore, freeAfter) * 0.8, Math.Max(freeBefore, freeAfter) * 1.2);
    }

    [Fact]
    public void A_host_process_below_a_limit_gets_the_answer_of_a_container_there()
    {
        using TestCgroup limited = new("limited-host");
        limited.Memory(80 << 20);

        Assert.Equal(80 << 10, ProcText.Kib(limited.Run("cat", $"{tree.Mount}/proc/meminfo").Ok(), "MemTotal"));
    }

    private static string WithoutClock(string cpuinfo) =>
        string.Join('\n', cpuinfo.Split('\n').Where(l => !l.StartsWith("cpu MHz", StringComparison.Ordinal)));

    /// <summary>procs_running and procs_blocked go up and down.</summary>
    private static bool IsGauge(string line) => line.StartsWith("procs_", StringComparison.Ordinal);

    private static IReadOnlyList<long> Counters(string file, string line) => file switch
    {
        // Hundredths of a second.
        "proc/uptime" => ProcText.Numbers(line.Replace(".", "", StringComparison.Ordinal)),
        // The ninth number after the name, requests in flight, is a gauge; the first two are the device.
        "proc/diskstats" => [.. ProcText.Numbers(line).Where((_, i) => i != 10)],
        _ => ProcText.Numbers(line),
    };
}
