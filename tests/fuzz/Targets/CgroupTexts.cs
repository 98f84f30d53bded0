using ProcFs.Cgroups;
using ProcFs.Cgroups.Parsing;
using ProcFs.Fuzz.Engine;
using ProcFs.Mountinfo;
using ProcFs.Text;

namespace ProcFs.Fuzz.Targets;

/// <summary>All parsers of cgroup texts, over any text. What comes out is what the text says: a number that wrapped or was made up is not in it.</summary>
internal sealed class CgroupTexts
{
    private static readonly KeyTable Keys = new(
        "anon", "file", "kernel_stack", "pagetables", "percpu", "vmalloc", "shmem", "zswap", "zswapped", "file_mapped", "file_dirty", "file_writeback",
        "swapcached", "anon_thp", "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", "slab_reclaimable", "slab_unreclaimable",
        "total_cache", "total_rss", "total_swap", "hierarchical_memory_limit", "hierarchical_memsw_limit", "usage_usec", "user_usec", "system_usec", "nice_usec", "user", "system");

    private readonly long[] _values = new long[Keys.Count];
    private readonly ReusedList<long> _numbers = new();
    private readonly ReusedList<BlockIoDevice> _devices = new();
    private readonly CgroupLayout _layout;

    public CgroupTexts(CgroupLayout layout) => _layout = layout;

    public void Try(byte[] text)
    {
        Numbers(text);
        Limits(text);
        Sets(text);
        Devices(text);
        Places(text);
    }

    private void Numbers(byte[] text)
    {
        bool isClean = Keys.Parse(text, _values, out int badLine);
        FuzzDefect.Unless(isClean == (badLine == 0) && badLine >= 0, "a table of keys tells its bad line");
        FuzzDefect.Unless(Array.TrueForAll(_values, value => value == -1 || IsSaid(value, text)), "a value of a key is one that the text says");
        FuzzDefect.Unless(NumberText.TryParseLine(text, out long number) ? IsSaid(number, text) : number == 0, "the number of a file is the one that the text says");
        bool isList = NumberListText.TryParse(text, _numbers);
        FuzzDefect.Unless(isList || _numbers.Count == 0, "a list of numbers that is none is empty");
        foreach (long item in _numbers.Items)
        {
            FuzzDefect.Unless(IsSaid(item, text), "a number of a list is one that the text says");
        }
    }

    private static void Limits(byte[] text)
    {
        FuzzDefect.Unless(!LimitText.TryParseV1(text, out long? v1) || v1 is not { } bytes || (bytes < LimitText.V1NoLimit && IsSaid(bytes, text)), "a limit of v1 is what the text says");
        FuzzDefect.Unless(!LimitText.TryParseV2(text, out long? v2) || v2 is not { } limit || IsSaid(limit, text), "a limit of v2 is what the text says");
        FuzzDefect.Unless(!CpuMaxText.TryParse(text, out CpuQuota? quota) || quota is not { } most
            || (most is { QuotaUsec: > 0, PeriodUsec: > 0, CeilingCpus: > 0 } && IsSaid(most.QuotaUsec, text) && IsSaid(most.PeriodUsec, text)), "a quota is what the text says");
        FuzzDefect.Unless(!HugePageSizeText.TryParse(text, out long size)
            || (size > 0 && (IsSaid(size >> 10, text) || IsSaid(size >> 20, text) || IsSaid(size >> 30, text))), "a size of huge pages is what the text says");
    }

    private static void Sets(byte[] text)
    {
        bool isSet = CpuSet.TryParse(text, out CpuSet set);
        FuzzDefect.Unless(isSet || ReferenceEquals(set, CpuSet.Empty), "a list of CPUs that is none is the empty one");
        if (set.Count > 0)
        {
            FuzzDefect.Unless(IsSaid(set[0], text) && IsSaid(set[^1], text) && set[^1] <= CpuSet.MaxCpu, "the ends of a list of CPUs are what the text says");
            FuzzDefect.Unless(CpuSet.TryParse(set.Format(), out CpuSet again) && again.Equals(set), "a list of CPUs is the same when it is written and read again");
        }
    }

    private void Devices(byte[] text)
    {
        _devices.Clear();
        bool isClean = IoStatText.Parse(text, _devices, out int badLine);
        FuzzDefect.Unless(isClean == (badLine == 0), "io.stat tells its bad line");
        foreach (BlockIoDevice device in _devices.Items)
        {
            FuzzDefect.Unless(IsSaid(device.Major, text) && IsSaid(device.Minor, text), "a device is one that the text says");
            foreach (long number in (ReadOnlySpan<long>)[device.ReadBytes, device.WriteBytes, device.DiscardBytes, device.Reads, device.Writes, device.Discards])
            {
                FuzzDefect.Unless(number == 0 || IsSaid(number, text), "a counter of a device is one that the text says");
            }
        }

        ReadOnlySpan<byte> rest = text;
        bool isBad = false;
        while (BlkioText.TryReadNext(ref rest, out BlkioLine line, ref isBad))
        {
            FuzzDefect.Unless(IsSaid(line.Major, text) && IsSaid(line.Minor, text) && IsSaid(line.Value, text), "a line of blkio is what the text says");
        }

        FuzzDefect.Unless(rest.IsEmpty, "blkio is read to its end");
        _ = BlkioText.HasDevice(text);
        FuzzDefect.Unless(DeviceText.TryParse(text, out int major, out int minor) ? IsSaid(major, text) && IsSaid(minor, text) : major >= 0 && minor >= 0, "device numbers are what the text says");
    }

    private void Places(byte[] text)
    {
        CgroupMembership membership = CgroupMembership.Parse(_layout, text);
        foreach (CgroupHierarchy hierarchy in _layout.Hierarchies)
        {
            string? path = membership.PathIn(hierarchy);
            FuzzDefect.Unless(path is null || (path == CgroupPath.Normalise(path) && !path.Split('/').Contains("..")), "a process's cgroup is a path that leads nowhere else", path ?? "");
        }

        ReadOnlySpan<byte> rest = text;
        while (MountInfoLine.TryReadNext(ref rest, out MountInfoLine line))
        {
            FuzzDefect.Unless(!line.Type.IsEmpty && !line.Type.Contains((byte)' '), "a mount has a type");
            FuzzDefect.Unless(MountInfoLine.Unescape(line.Root).Length <= line.Root.Length && MountInfoLine.Unescape(line.MountPoint).Length <= line.MountPoint.Length, "a path of mountinfo does not grow");
            FuzzDefect.Unless(line.Context.Length < Math.Max(1, line.SuperOptions.Length) && !line.Context.EndsWith("\""u8), "a label is a part of the options, without its quotes");
        }

        FuzzDefect.Unless(rest.IsEmpty, "mountinfo is read to its end");
        foreach (MountedHierarchy mount in MountedHierarchy.FromMountinfo(text))
        {
            FuzzDefect.Unless(mount.MountPoint.StartsWith('/') && !mount.MountPoint.Contains('\0'), "a hierarchy is mounted at an absolute path", mount.MountPoint);
        }
    }

    /// <summary>Whether the number is written in the text, digit for digit.</summary>
    public static bool IsSaid(long number, ReadOnlySpan<byte> text)
    {
        Span<byte> digits = stackalloc byte[20];
        return number >= 0 && System.Buffers.Text.Utf8Formatter.TryFormat(number, digits, out int length) && text.IndexOf(digits[..length]) >= 0;
    }
}
