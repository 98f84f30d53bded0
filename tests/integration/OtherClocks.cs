using System.Globalization;

namespace ProcFs.Integration.Tests;

/// <summary>Containers whose kernel tells other things than the daemon's own does: time namespaces, and 32-bit programs.</summary>
public sealed class OtherClocks(ServedTree tree)
{
    private const int Offset = 100_000; // seconds

    [Fact]
    public void In_a_time_namespace_boot_time_and_uptime_are_those_that_its_kernel_shows()
    {
        using Running container = Child.Start("unshare", "--time", $"--boottime={Offset}", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child", "sleep", "1000");
        int pid = 0;
        Assert.True(Pace.Until(10, () => (pid = Processes.ChildrenOf(container.Process.Id) is [int child, ..] ? child : 0) != 0 && Processes.CommandLine(pid) is ["sleep", ..]), "no container");
        string[] inside = ["nsenter", "--target", pid.ToString(CultureInfo.InvariantCulture), "--all", "--"];
        (double Uptime, long BootTime) kernels = Read(inside);
        Assert.InRange(kernels.Uptime, Offset, double.MaxValue);

        tree.Procfs("attach", pid.ToString(CultureInfo.InvariantCulture)).Ok();
        Assert.NotEmpty(Hooked.Mounts(pid));
        (double Uptime, long BootTime) ours = Read(inside);

        Assert.InRange(ours.Uptime, kernels.Uptime, kernels.Uptime + Pace.Limit(30).TotalSeconds);
        Assert.InRange(ours.BootTime, kernels.BootTime - 1, kernels.BootTime + 1);
        tree.Procfs("detach", pid.ToString(CultureInfo.InvariantCulture)).Ok();
    }

    // /procfs-test-N
    //   container-1        memory 64 MiB
    [Fact]
    public void A_32_bit_program_reads_what_any_other_does_as_from_the_kernel()
    {
        Assert.SkipUnless(System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64,
            "only on x86-64 does the kernel show 32-bit programs the same; elsewhere ours shows the daemon's own view");
        const string personality = "linux32";
        // The kernel's own: what it shows does not go by the personality.
        Assert.Equal(Stable(Child.Run("cat", "/proc/cpuinfo").Ok()), Stable(Child.Run("setarch", personality, "cat", "/proc/cpuinfo").Ok()));

        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });
        foreach (string file in new[] { "/proc/cpuinfo", "/proc/swaps", "/sys/devices/system/cpu/online" })
        {
            Assert.Equal(Stable(container.Read(file)), Stable(container.Exec("setarch", personality, "cat", file).Ok()));
        }
    }

    private static (double Uptime, long BootTime) Read(string[] inside)
    {
        string stat = Child.Run([.. inside, "cat", "/proc/stat"]).Ok();
        string uptime = Child.Run([.. inside, "cat", "/proc/uptime"]).Ok();
        long bootTime = long.Parse(ProcText.Lines(stat).Single(line => line.StartsWith("btime ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
        return (double.Parse(uptime.Split(' ')[0], CultureInfo.InvariantCulture), bootTime);
    }

    private static string Stable(string cpuinfo) => string.Join('\n', ProcText.Lines(cpuinfo).Where(line => !line.StartsWith("cpu MHz", StringComparison.Ordinal)));
}
