using System.Text;

namespace ProcFs.Tests.Support;

/// <summary>The kernel's texts on the host of the conformance vectors.</summary>
internal static class HostTexts
{
    public const string Pressure = "some avg10=77.77 avg60=7.71 avg300=0.73 total=777777771\nfull avg10=71.77 avg60=7.73 avg300=0.79 total=777777773\n";

    // Values that must never be seen in a container are odd numbers that nothing computes.
    public const string Vmstat = """
        nr_free_pages 777001
        nr_zone_inactive_anon 777002
        nr_zone_write_pending 777003
        nr_mlock 777004
        nr_inactive_anon 777005
        nr_active_anon 777006
        nr_inactive_file 777007
        nr_active_file 777008
        nr_unevictable 777009
        nr_slab_reclaimable 777010
        nr_slab_unreclaimable 777011
        workingset_refault_file 777012
        nr_anon_pages 777013
        nr_mapped 777014
        nr_file_pages 777015
        nr_dirty 777016
        nr_writeback 777017
        nr_shmem 777018
        nr_anon_transparent_hugepages 777019
        nr_dirtied 777020
        nr_kernel_stack 777021
        nr_page_table_pages 777022
        nr_swapcached 777023
        nr_dirty_threshold 777024
        pgpgin 777025
        pgpgout 777026
        pswpin 777027
        pswpout 777028
        pgalloc_normal 777029
        pgfault 777030
        pgmajfault 777031
        pgsteal_kswapd 777032
        oom_kill 777033
        thp_fault_alloc 777034
        new_in_linux_nine 777035
        nr_unstable 777036

        """;

    public const string Slabinfo = """
        slabinfo - version: 2.1
        # name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>
        dentry              7771   7773    192   21    1 : tunables    0    0    0 : slabdata    779    781      0

        """;

    public const string Meminfo = """
        MemTotal:       16384000 kB
        MemFree:         7777771 kB
        MemAvailable:    7777773 kB
        Buffers:          777779 kB
        Cached:          7777711 kB
        SwapCached:       777713 kB
        Active:          7777717 kB
        Inactive:        7777719 kB
        Active(anon):    7777731 kB
        Inactive(anon):  7777733 kB
        Active(file):    7777737 kB
        Inactive(file):  7777739 kB
        Unevictable:      777751 kB
        Mlocked:          777753 kB
        SwapTotal:       2097148 kB
        SwapFree:         777757 kB
        Zswap:            777759 kB
        Zswapped:         777773 kB
        Dirty:            777779 kB
        Writeback:        777791 kB
        AnonPages:       7777793 kB
        Mapped:           777797 kB
        Shmem:            777799 kB
        KReclaimable:     777131 kB
        Slab:             777133 kB
        SReclaimable:     777137 kB
        SUnreclaim:       777139 kB
        KernelStack:       77151 kB
        PageTables:        77153 kB
        SecPageTables:     77157 kB
        NFS_Unstable:      77159 kB
        Bounce:            77173 kB
        WritebackTmp:      77177 kB
        CommitLimit:     7777179 kB
        Committed_AS:    7777191 kB
        VmallocTotal:   34359738367 kB
        VmallocUsed:       77193 kB
        VmallocChunk:      77197 kB
        Percpu:            77199 kB
        HardwareCorrupted: 77311 kB
        AnonHugePages:     77313 kB
        ShmemHugePages:    77317 kB
        ShmemPmdMapped:    77319 kB
        FileHugePages:     77331 kB
        FilePmdMapped:     77333 kB
        Balloon:           77337 kB
        NewInLinux9:       77339 kB
        HugePages_Total:       0
        HugePages_Free:        0
        HugePages_Rsvd:        0
        HugePages_Surp:        0
        Hugepagesize:       2048 kB
        Hugetlb:               0 kB
        DirectMap4k:       77351 kB
        DirectMap2M:     7777353 kB
        DirectMap1G:     7777357 kB

        """;

    public const string Diskstats = """
           7       0 loop0 7771 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1
           8       0 sda 7773 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1
           8       1 sda1 7777 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1
         253       0 dm-0 7779 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1
         254       0 vda 7791 1 1 1 1 1 1 1 0 1 1 1 1 1 1 1 1

        """;

    public static string Stat(int cpus, long btime = 1795193736)
    {
        StringBuilder text = new("cpu  777711 7 77713 777717 71 72 73 74 75 76\n");
        for (int i = 0; i < cpus; i++)
        {
            text.Append($"cpu{i} 77719 7 7773 77731 71 72 73 74 75 76\n");
        }

        return text.Append($"intr 7777731 0 1 2\nctxt 7777733\nbtime {btime}\nprocesses 77737\nprocs_running 77\nprocs_blocked 78\nsoftirq 77739 1 2 3 4 5 6 7 8 9 10\n")
            .ToString();
    }

    /// <summary>x86: two packages of equal size, two threads a core.</summary>
    public static string Cpuinfo(int cpus)
    {
        StringBuilder text = new();
        for (int i = 0; i < cpus; i++)
        {
            int perPackage = Math.Max(1, cpus / 2);
            text.Append($"processor\t: {i}\nvendor_id\t: GenuineIntel\nmodel name\t: Test CPU {i}\ncpu MHz\t\t: 2000.000\nphysical id\t: {i / perPackage}\n"
                + $"siblings\t: {perPackage}\ncore id\t\t: {i % perPackage / 2}\ncpu cores\t: {Math.Max(1, perPackage / 2)}\nflags\t\t: fpu vme\n\n");
        }

        return text.ToString();
    }
}
