namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        cpuset: every second CPU of the host, without the first (1 of two, 1,3 of four)
public sealed class Cpuset(ServedTree tree)
{
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void The_CPUs_of_a_cpuset_are_numbered_from_zero(string runtime)
    {
        int[] chosen = [.. Host.Cpus.Where((_, i) => i % 2 == 1)];
        Assert.SkipWhen(chosen.Length == 0, "this host has one CPU: there is no proper subset to choose");
        string host = File.ReadAllText("/proc/cpuinfo");

        using OciContainer container = tree.Run(new() { Runtime = runtime, Cpuset = string.Join(',', chosen) });

        CpuView.AssertShows(chosen.Length, container);
        string cpuinfo = container.Read("/proc/cpuinfo");
        Assert.Equal(Enumerable.Range(0, chosen.Length).Select(i => $"{i}"), ProcText.CpuinfoValues(cpuinfo, "processor"));
        // The APIC id names the real CPU: the blocks are those of the chosen ones, not of the first ones.
        IReadOnlyList<string> hostIds = ProcText.CpuinfoValues(host, "apicid");
        Assert.Equal(chosen.Select(c => hostIds[Host.Cpus.ToList().IndexOf(c)]), ProcText.CpuinfoValues(cpuinfo, "apicid"));
        Assert.Equal(
            ["cpu", .. Enumerable.Range(0, chosen.Length).Select(i => $"cpu{i}")],
            ProcText.Keys(container.Read("/proc/stat")).Where(k => k.StartsWith("cpu", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_smaller_of_cpuset_and_quota_counts()
    {
        using OciContainer container = tree.Run(new() { Cpuset = $"{Host.Cpus[^1]}", Quota = 400000 });

        CpuView.AssertShows(1, container);
    }
}
