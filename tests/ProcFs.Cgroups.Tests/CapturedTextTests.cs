using System.Text;
using System.Text.RegularExpressions;
using ProcFs.Cgroups.Parsing;
using ProcFs.Text;
using static ProcFs.Tests.Support.Hostile;

namespace ProcFs.Cgroups.Tests;

/// <summary>
/// Every file of the captured hosts: each parser gets each prefix of all of its kind and 100,000 mutations of them. No exception comes out,
/// and each number that does is one that the text says.
/// </summary>
public sealed class CapturedTextTests
{
    private const string Cgroups = "sys/fs/cgroup/(?:.*/)?";

    private static readonly KeyTable Keys = new(
        "anon", "file", "kernel_stack", "pagetables", "percpu", "vmalloc", "shmem", "zswap", "zswapped", "file_mapped", "file_dirty", "file_writeback",
        "swapcached", "anon_thp", "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", "slab_reclaimable", "slab_unreclaimable",
        "total_cache", "total_rss", "total_rss_huge", "total_shmem", "total_mapped_file", "total_dirty", "total_writeback", "total_inactive_anon",
        "total_active_anon", "total_inactive_file", "total_active_file", "total_unevictable", "total_swap", "hierarchical_memory_limit",
        "hierarchical_memsw_limit", "usage_usec", "user_usec", "system_usec", "nice_usec", "user", "system");

    [Theory]
    [InlineData(@"memory\.stat", 5)]
    [InlineData(@"(?:cpu|cpuacct)\.stat", 5)]
    public void Key_value_files(string name, int hosts)
    {
        long[] values = new long[Keys.Count];
        Attack(Captured.Texts(Cgroups + name, hosts), 1, text =>
        {
            bool clean = Keys.Parse(text, values, out int badLine);
            return clean == (badLine == 0) && badLine >= 0 && Array.TrueForAll(values, value => value == -1 || IsSaid(value, text));
        });
    }

    [Fact]
    public void Quotas_of_v2() => Attack(Captured.Texts(Cgroups + @"cpu\.max", 2), 2, text =>
        !CpuMaxText.TryParse(text, out CpuQuota? quota) || quota is not { } limit
        || (limit is { QuotaUsec: > 0, PeriodUsec: > 0, CeilingCpus: > 0 } && IsSaid(limit.QuotaUsec, text) && IsSaid(limit.PeriodUsec, text)));

    [Fact]
    public void Limits_of_v1() => Attack(Captured.Texts(Cgroups + @".*limit_in_bytes", 3), 3, text =>
        !LimitText.TryParseV1(text, out long? limit) || limit is not { } bytes || (bytes < LimitText.V1NoLimit && IsSaid(bytes, text)));

    [Fact]
    public void Limits_of_v2() => Attack(Captured.Texts(Cgroups + @"(?:memory(?:\.swap)?|hugetlb\.[^/]*)\.(?:max|high|min|low)", 2), 4, text =>
        !LimitText.TryParseV2(text, out long? limit) || limit is not { } bytes || IsSaid(bytes, text));

    [Fact]
    public void Files_of_one_number()
        => Attack(Captured.Texts(Cgroups + @".*(?:usage_in_bytes|\.current|\.usage|swappiness|use_hierarchy|cfs_.*_us|cpu\.idle)", 5), 5, text =>
            NumberText.TryParseLine(text, out long number) ? IsSaid(number, text) : number == 0);

    [Fact]
    public void Lists_of_numbers()
    {
        ReusedList<long> numbers = new();
        Attack(Captured.Texts(Cgroups + @"cpuacct\.usage_percpu", 3), 6, text =>
        {
            bool ok = NumberListText.TryParse(text, numbers);
            foreach (long number in numbers.Items)
            {
                ok &= IsSaid(number, text);
            }

            return ok || numbers.Count == 0;
        });
    }

    [Fact]
    public void Lists_of_cpus() => Attack(
        Captured.Texts(Cgroups + @"cpuset\..*(?:cpus|mems).*|sys/devices/system/cpu/(?:online|offline|possible|present|isolated)", 5), 7, text =>
        {
            if (!CpuSet.TryParse(text, out CpuSet set))
            {
                return ReferenceEquals(set, CpuSet.Empty);
            }

            return set.Count == 0
                || (IsSaid(set[0], text) && IsSaid(set[^1], text) && set[^1] <= CpuSet.MaxCpu && CpuSet.TryParse(set.Format(), out CpuSet again) && again.Equals(set));
        });

    [Fact]
    public void Block_devices_of_v2()
    {
        ReusedList<BlockIoDevice> devices = new();
        Attack(Captured.Texts(Cgroups + @"io\.stat", 2), 8, text =>
        {
            devices.Clear();
            bool ok = IoStatText.Parse(text, devices, out int badLine) == (badLine == 0);
            foreach (BlockIoDevice device in devices.Items)
            {
                ok &= IsSaid(device.Major, text) && IsSaid(device.Minor, text);
                foreach (long number in new[] { device.ReadBytes, device.WriteBytes, device.DiscardBytes, device.Reads, device.Writes, device.Discards })
                {
                    ok &= number == 0 || IsSaid(number, text);
                }
            }

            return ok;
        });
    }

    [Fact]
    public void Block_devices_of_v1() => Attack(Captured.Texts(Cgroups + @"blkio\.[^/]*", 3), 9, text =>
    {
        bool ok = true;
        bool bad = false;
        ReadOnlySpan<byte> rest = text;
        while (BlkioText.TryReadNext(ref rest, out BlkioLine line, ref bad))
        {
            ok &= IsSaid(line.Major, text) && IsSaid(line.Minor, text) && IsSaid(line.Value, text);
        }

        return ok && rest.IsEmpty && (!BlkioText.HasDevice(text) || text.Contains((byte)':'));
    });

    [Fact]
    public void Device_numbers() => Attack(Words(@"sys/fs/cgroup/.*(?:io\.stat|io\.max|blkio\.[^/]*)|proc/.*/mountinfo", @"[0-9]+:[0-9]+"), 10, text =>
        DeviceText.TryParse(text, out int major, out int minor) ? IsSaid(major, text) && IsSaid(minor, text) : major >= 0 && minor >= 0);

    [Fact]
    public void Sizes_of_huge_pages_in_file_names()
    {
        byte[][] sizes = [.. Captured.Hosts.SelectMany(Captured.Files).Select(file => Regex.Match(file, @"hugetlb\.([^./]+)\.").Groups[1].Value)
            .Where(size => size.Length > 0).Distinct().Select(Encoding.ASCII.GetBytes)];
        Assert.Equal(["1GB", "2MB"], sizes.Select(Encoding.ASCII.GetString).Order(StringComparer.Ordinal));
        Attack(sizes, 11, text => !HugePageSizeText.TryParse(text, out long bytes)
            || (bytes > 0 && (IsSaid(bytes >> 10, text) || IsSaid(bytes >> 20, text) || IsSaid(bytes >> 30, text))));
    }

    [Fact]
    public void Lists_of_controllers() => Attack(Captured.Texts(Cgroups + @"cgroup\.(?:controllers|subtree_control)", 4), 12, text =>
        !TextLines.ListContains(NumberText.TrimBlanks(text), "hugetlb"u8, (byte)' ') || text.AsSpan().IndexOf("hugetlb"u8) >= 0);

    [Fact]
    public void Lists_of_processes()
    {
        using Fixture fixture = new(CgroupVersion.V2);
        fixture.File("", "/c", "cgroup.procs", "1\n");
        ContainerCgroups cgroups = fixture.Open("/c");
        using FileStream file = new(Path.Combine(fixture.Root, "c/cgroup.procs"), FileMode.Open, FileAccess.Write);
        int[] processes = new int[64];
        Attack(Captured.Texts(Cgroups + @"cgroup\.procs", 5), 13, text =>
        {
            RandomAccess.Write(file.SafeFileHandle, text, 0);
            RandomAccess.SetLength(file.SafeFileHandle, text.Length);
            int last = 0;
            foreach (int process in processes.AsSpan(0, cgroups.ListProcesses(processes, out _)))
            {
                if (process <= last || !IsSaid(process, text))
                {
                    return false;
                }

                last = process;
            }

            return true;
        });
    }

    private static byte[][] Words(string path, string word)
        => [.. Captured.Texts(path, 5).SelectMany(text => Regex.Matches(Encoding.Latin1.GetString(text), word).Select(match => match.Value))
            .Distinct().Select(Encoding.ASCII.GetBytes)];
}
