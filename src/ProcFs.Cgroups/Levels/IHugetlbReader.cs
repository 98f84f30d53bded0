namespace ProcFs.Cgroups;

/// <summary>Huge pages in one cgroup directory.</summary>
internal interface IHugetlbReader
{
    /// <summary>How many sizes of huge pages the level has files for.</summary>
    int SizeCount { get; }

    /// <summary>The size in bytes, this level's own limit (null: none) and usage (null: not known).</summary>
    void Read(int index, out long pageSizeBytes, out long? limitBytes, out long? usageBytes);
}
