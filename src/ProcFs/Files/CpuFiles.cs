namespace ProcFs.Files;

/// <summary>
/// What is served below /sys/devices/system/cpu besides the files of <see cref="ProcFiles"/>: the only list of it. A name that is not here is not
/// there, whatever the host has; a name that the host lacks is not there either. Numbers, also those of directories, are permanent and never used for
/// anything else: the kernel keeps node ids across an upgrade of the daemon.
/// </summary>
internal static class CpuFiles
{
    /// <summary>The directory of a CPU, cpu0 and so on.</summary>
    public const ushort CpuDirectory = 256;

    private const ushort FirstIndex = 1024;
    private const ushort NumbersOfIndex = 32;
    private const int Indexes = 16; // caches of one CPU; the machines of today have up to five

    private static readonly (string Name, CpuText Text)[] OfIndex =
    [
        ("coherency_line_size", CpuText.AsHost), ("id", CpuText.AsHost), ("level", CpuText.AsHost), ("number_of_sets", CpuText.AsHost),
        ("physical_line_partition", CpuText.AsHost), ("shared_cpu_list", CpuText.List), ("shared_cpu_map", CpuText.Mask), ("size", CpuText.AsHost),
        ("type", CpuText.AsHost), ("ways_of_associativity", CpuText.AsHost), ("allocation_policy", CpuText.AsHost), ("write_policy", CpuText.AsHost),
    ];

    /// <summary>Below the directory of a CPU; a directory comes after the one that it is in.</summary>
    public static IReadOnlyList<(ushort Number, string Path)> CpuDirectories { get; } =
    [
        (257, "topology"),
        (258, "cache"),
        (259, "cpufreq"),
        (260, "acpi_cppc"),
        (261, "regs"),
        (262, "regs/identification"),
        .. Enumerable.Range(0, Indexes).Select(index => (NumberOfIndex(index), $"cache/index{index}")),
    ];

    /// <summary>Beside the CPUs.</summary>
    public static IReadOnlyList<(ushort Number, string Path)> Directories { get; } =
    [
        (288, "smt"),
        (289, "vulnerabilities"),
    ];

    public static IReadOnlyList<CpuFile> All { get; } =
    [
        // Beside the CPUs. With a regular file "uevent" LXC's hook for lxcfs binds the whole directory, without it file by file.
        Machine(72, "uevent", CpuText.Empty), Machine(73, "modalias"),
        Machine(320, "smt/active"), Machine(321, "smt/control"),
        Machine(352, "vulnerabilities/gather_data_sampling"), Machine(353, "vulnerabilities/ghostwrite"),
        Machine(354, "vulnerabilities/indirect_target_selection"), Machine(355, "vulnerabilities/itlb_multihit"),
        Machine(356, "vulnerabilities/l1tf"), Machine(357, "vulnerabilities/mds"), Machine(358, "vulnerabilities/meltdown"),
        Machine(359, "vulnerabilities/mmio_stale_data"), Machine(360, "vulnerabilities/old_microcode"),
        Machine(361, "vulnerabilities/reg_file_data_sampling"), Machine(362, "vulnerabilities/retbleed"),
        Machine(363, "vulnerabilities/spec_rstack_overflow"), Machine(364, "vulnerabilities/spec_store_bypass"),
        Machine(365, "vulnerabilities/spectre_v1"), Machine(366, "vulnerabilities/spectre_v2"), Machine(367, "vulnerabilities/srbds"),
        Machine(368, "vulnerabilities/tsa"), Machine(369, "vulnerabilities/tsx_async_abort"), Machine(370, "vulnerabilities/vmscape"),

        // Of each CPU.
        new(512, "online", CpuText.Online), new(513, "uevent", CpuText.AsHost), new(514, "cpu_capacity", CpuText.AsHost),

        new(528, "topology/physical_package_id", CpuText.AsHost), new(529, "topology/die_id", CpuText.AsHost),
        new(530, "topology/cluster_id", CpuText.AsHost), new(531, "topology/core_id", CpuText.AsHost),
        new(532, "topology/book_id", CpuText.AsHost), new(533, "topology/drawer_id", CpuText.AsHost),
        new(534, "topology/thread_siblings", CpuText.Mask), new(535, "topology/thread_siblings_list", CpuText.List),
        new(536, "topology/core_cpus", CpuText.Mask), new(537, "topology/core_cpus_list", CpuText.List),
        new(538, "topology/core_siblings", CpuText.Mask), new(539, "topology/core_siblings_list", CpuText.List),
        new(540, "topology/cluster_cpus", CpuText.Mask), new(541, "topology/cluster_cpus_list", CpuText.List),
        new(542, "topology/die_cpus", CpuText.Mask), new(543, "topology/die_cpus_list", CpuText.List),
        new(544, "topology/package_cpus", CpuText.Mask), new(545, "topology/package_cpus_list", CpuText.List),
        new(546, "topology/book_siblings", CpuText.Mask), new(547, "topology/book_siblings_list", CpuText.List),
        new(548, "topology/drawer_siblings", CpuText.Mask), new(549, "topology/drawer_siblings_list", CpuText.List),

        new(560, "cpufreq/affected_cpus", CpuText.Numbers), new(561, "cpufreq/related_cpus", CpuText.Numbers),
        new(562, "cpufreq/base_frequency", CpuText.AsHost), new(563, "cpufreq/bios_limit", CpuText.AsHost),
        new(564, "cpufreq/cpuinfo_max_freq", CpuText.AsHost), new(565, "cpufreq/cpuinfo_min_freq", CpuText.AsHost),
        new(566, "cpufreq/cpuinfo_transition_latency", CpuText.AsHost), new(567, "cpufreq/scaling_available_frequencies", CpuText.AsHost),
        new(568, "cpufreq/scaling_available_governors", CpuText.AsHost), new(569, "cpufreq/scaling_cur_freq", CpuText.AsHost),
        new(570, "cpufreq/scaling_driver", CpuText.AsHost), new(571, "cpufreq/scaling_governor", CpuText.AsHost),
        new(572, "cpufreq/scaling_max_freq", CpuText.AsHost), new(573, "cpufreq/scaling_min_freq", CpuText.AsHost),

        new(592, "acpi_cppc/guaranteed_perf", CpuText.AsHost), new(593, "acpi_cppc/highest_perf", CpuText.AsHost),
        new(594, "acpi_cppc/lowest_freq", CpuText.AsHost), new(595, "acpi_cppc/lowest_nonlinear_perf", CpuText.AsHost),
        new(596, "acpi_cppc/lowest_perf", CpuText.AsHost), new(597, "acpi_cppc/nominal_freq", CpuText.AsHost),
        new(598, "acpi_cppc/nominal_perf", CpuText.AsHost), new(599, "acpi_cppc/reference_perf", CpuText.AsHost),

        new(608, "regs/identification/midr_el1", CpuText.AsHost), new(609, "regs/identification/revidr_el1", CpuText.AsHost),

        .. Enumerable.Range(0, Indexes).SelectMany(index => OfIndex.Select((file, i)
            => new CpuFile((ushort)(NumberOfIndex(index) + 1 + i), $"cache/index{index}/{file.Name}", file.Text))),
    ];

    private static ushort NumberOfIndex(int index) => (ushort)(FirstIndex + (NumbersOfIndex * index));

    private static CpuFile Machine(ushort number, string path, CpuText text = CpuText.AsHost) => new(number, path, text, isPerCpu: false);
}
