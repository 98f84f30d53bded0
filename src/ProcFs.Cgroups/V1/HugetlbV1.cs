namespace ProcFs.Cgroups.V1;

/// <summary>The hugetlb controller of v1: Documentation/admin-guide/cgroup-v1/hugetlb.rst.</summary>
internal sealed class HugetlbV1(CgroupDirectory directory) : IHugetlbReader
{
    private readonly HugetlbFiles _files = new(directory, "hugetlb.", ".limit_in_bytes", ".usage_in_bytes");

    public int SizeCount => _files.Entries.Length;

    public void Read(int index, out long pageSizeBytes, out long? limitBytes, out long? usageBytes)
    {
        HugetlbFiles.Entry entry = _files.Entries[index];
        pageSizeBytes = entry.PageSizeBytes;
        limitBytes = LimitV1.Read(entry.Limit, out _);
        usageBytes = entry.Usage.TryReadNumber(out long usage) ? usage : null;
    }
}
