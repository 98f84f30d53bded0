namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 50 MiB
public sealed class MemoryLimit(ServedTree tree)
{
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void A_memory_limit_is_what_programs_take_for_the_machines_memory(string runtime)
    {
        using OciContainer container = tree.Run(new() { Runtime = runtime, Memory = 50 << 20 });

        string meminfo = container.Read("/proc/meminfo");
        Assert.Equal(50 << 10, ProcText.Kib(meminfo, "MemTotal"));
        Assert.InRange(ProcText.Kib(meminfo, "MemFree"), 1, 50 << 10);
        Assert.InRange(ProcText.Kib(meminfo, "MemAvailable"), ProcText.Kib(meminfo, "MemFree"), 50 << 10);
        Assert.Matches(@"Mem: +50 ", container.Exec("free", "-m").Ok());
        Assert.Equal("51200", container.Python("print(open('/proc/meminfo').readline().split()[1])").Line());
    }

    [Fact]
    public void What_the_container_uses_is_missing_from_MemFree()
    {
        using OciContainer container = tree.Run(new() { Memory = 200 << 20 });
        long before = ProcText.Kib(container.Read("/proc/meminfo"), "MemFree");

        // 64 MiB of anonymous memory, held while the file is read again.
        long during = long.Parse(container.Python(
            """
            held = bytearray(64 << 20)
            print([l.split()[1] for l in open('/proc/meminfo') if l.startswith('MemFree:')][0])
            """).Line(), System.Globalization.CultureInfo.InvariantCulture);

        Assert.InRange(before - during, 60 << 10, 90 << 10);
    }

    [Fact]
    public void A_container_without_a_limit_sees_the_hosts_total_and_its_own_usage()
    {
        using OciContainer container = tree.Run(new());

        string meminfo = container.Read("/proc/meminfo");

        Assert.Equal(Host.MemTotalKib, ProcText.Kib(meminfo, "MemTotal"));
        Assert.InRange(ProcText.Kib(meminfo, "MemTotal") - ProcText.Kib(meminfo, "MemFree"), 0, 50 << 10);
    }
}
