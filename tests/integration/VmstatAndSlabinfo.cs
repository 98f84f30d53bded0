using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB
public sealed class VmstatAndSlabinfo(ServedTree tree)
{
    private const string Touch = "import mmap; m = mmap.mmap(-1, 16 << 20); [m.__setitem__(i, 1) for i in range(0, 16 << 20, 4096)]";

    [Fact]
    public void Vmstat_has_the_hosts_keys_and_the_containers_numbers()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20 }, tree.RunDirectory));
        Dictionary<string, long> before = Vmstat(container);
        Assert.Equal(File.ReadLines("/proc/vmstat").Select(line => line.Split(' ')[0]), before.Keys);
        Assert.InRange(before["nr_free_pages"] * Environment.SystemPageSize, 32 << 20, 64 << 20);
        long total = ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal");
        Assert.All(before.Where(line => line.Key.StartsWith("nr_", StringComparison.Ordinal) && line.Key != "nr_kernel_stack"),
            line => Assert.InRange(line.Value * Environment.SystemPageSize, 0, total * 1024));

        container.Python(Touch).Ok();

        Dictionary<string, long> after = Vmstat(container);
        // A page each, or a huge page of some hundred.
        Assert.True(after["pgfault"] > before["pgfault"], $"{before["pgfault"]} faults before, {after["pgfault"]} after 16 MiB were touched");
        Assert.All(before.Where(line => !line.Key.StartsWith("nr_", StringComparison.Ordinal)), line => Assert.True(after[line.Key] >= line.Value, $"{line.Key} fell"));
        long host = long.Parse(File.ReadLines("/proc/vmstat").First(line => line.StartsWith("pgfault ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.InRange(after["pgfault"], 1, host - 1);
    }

    [Fact]
    public void Slabinfo_is_for_root_alone_and_has_its_headings()
    {
        Assert.SkipUnless(ServedTree.Attached.Contains("proc/slabinfo"), "this kernel has no /proc/slabinfo");
        using OciContainer container = tree.RunHooked(Hooked.With(new(), tree.RunDirectory));
        IReadOnlyList<string> lines = ProcText.Lines(container.Read("/proc/slabinfo"));
        Assert.Equal(File.ReadLines("/proc/slabinfo").Take(2), lines.Take(2));
        Assert.Equal("400", container.Exec("stat", "-c", "%a", "/proc/slabinfo").Line());
        string[] exec = container.ExecCommand();
        Output refused = Child.Run([.. exec[..^1], "--user", "65534:65534", exec[^1], "cat", "/proc/slabinfo"]);
        Assert.Contains("Permission denied", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void They_come_by_attach_as_well()
    {
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = 64 << 20 });
        Child.Run([Daemon.Binary, "attach", container.Pid.ToString(CultureInfo.InvariantCulture), "--mount", tree.Mount, "--run-dir", tree.RunDirectory]).Ok();
        Assert.InRange(Vmstat(container)["nr_free_pages"] * Environment.SystemPageSize, 32 << 20, 64 << 20);
    }

    private static Dictionary<string, long> Vmstat(OciContainer container)
        => ProcText.Lines(container.Read("/proc/vmstat")).Select(line => line.Split(' ')).ToDictionary(fields => fields[0], fields => long.Parse(fields[1], CultureInfo.InvariantCulture));
}
