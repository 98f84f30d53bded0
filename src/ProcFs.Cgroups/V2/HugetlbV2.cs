namespace ProcFs.Cgroups.V2;

/// <summary>The hugetlb controller of v2: cgroup-v2.rst, "HugeTLB Interface Files".</summary>
internal sealed class HugetlbV2(CgroupDirectory directory) : IHugetlbReader
{
    private readonly HugetlbFiles _files = new(directory, "hugetlb.", ".max", ".current");

    public int SizeCount => _files.Entries.Length;

    public void Read(int index, out long pageSizeBytes, out long? limitBytes, out long? usageBytes)
    {
        HugetlbFiles.Entry entry = _files.Entries[index];
        pageSizeBytes = entry.PageSizeBytes;
        limitBytes = LimitV2.Read(entry.Limit, out _);
        usageBytes = entry.Usage.TryReadNumber(out long usage) ? usage : null;
    }
}
