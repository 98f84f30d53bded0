namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, swap 32 MiB
public sealed class Swap(ServedTree tree)
{
    private const string Header = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";

    [Fact]
    public void Swap_is_the_limit_for_swap_alone()
    {
        Assert.SkipWhen(Host.SwapTotalKib == 0, "this host has no swap");
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, MemoryAndSwap = 96 << 20 });

        string meminfo = container.Read("/proc/meminfo");

        Assert.Equal(32 << 10, ProcText.Kib(meminfo, "SwapTotal"));
        Assert.InRange(ProcText.Kib(meminfo, "SwapFree"), 0, 32 << 10);
        string used = $"{(32 << 10) - ProcText.Kib(meminfo, "SwapFree")}";
        Assert.Equal($"{Header}none{new string(' ', 36)}virtual\t\t{32 << 10}\t\t{used}\t\t0\n", container.Read("/proc/swaps"));
    }

    [Fact]
    public void Without_swap_there_is_the_header_and_nothing_else()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, MemoryAndSwap = Host.SwapTotalKib == 0 ? null : 64 << 20 });

        Assert.Equal(0, ProcText.Kib(container.Read("/proc/meminfo"), "SwapTotal"));
        Assert.Equal(Header, container.Read("/proc/swaps"));
    }
}
