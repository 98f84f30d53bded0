using ProcFs.Cgroups;

namespace ProcFs.Files;

/// <summary>The served files: the only list of them. The tree, <c>show</c> and the tests all go by it.</summary>
internal static class ProcFiles
{
    public static MeminfoFile Meminfo { get; } = new();

    /// <summary>
    /// Each with its number in node ids. A number is part of the protocol with the kernel, which keeps node ids across an upgrade
    /// of the daemon: it is never changed and never used for another file.
    /// </summary>
    public static IReadOnlyList<(ushort Number, IProcFile File)> All { get; } =
    [
        (16, Meminfo),
        (17, new CpuinfoFile()),
        (18, new UptimeFile()),
        (19, new StatFile()),
        (20, new DiskstatsFile()),
        (21, new SwapsFile()),
        (22, new LoadavgFile()),
        (23, new VmstatFile()),
        (24, new SlabinfoFile()),
        (25, new PressureFile("cpu", PressureResource.Cpu)),
        (26, new PressureFile("io", PressureResource.Io)),
        (27, new PressureFile("memory", PressureResource.Memory)),
        (28, new PressureFile("irq", PressureResource.Irq)),
        (64, new CpuListFile("online")),
        (65, new CpuListFile("possible")),
        (66, new CpuListFile("present")),
        (67, new NoCpusFile("offline")),
        (68, new HostConstantFile("kernel_max")),
        (69, new NoCpusFile("isolated")),
        (70, new CpuListFile("enabled", onlyIfHostHas: true)),
        (71, new NoCpusFile("nohz_full", onlyIfHostHas: true)),
    ];

    /// <summary>By its path, or a shorter form people type: "/proc/meminfo", "meminfo", "cpu/online". Null when it is not served.</summary>
    public static IProcFile? Find(string name)
    {
        string path = name.TrimStart('/');
        foreach ((_, IProcFile file) in All)
        {
            if (("/" + file.Path).EndsWith("/" + path, StringComparison.Ordinal))
            {
                return file;
            }
        }

        return null;
    }
}
