namespace ProcFs.Cgroups;

/// <summary>What the hugetlb controller says over all levels. For both versions.</summary>
internal static class HugetlbLevels
{
    /// <summary>For each size the tightest limit of all levels, and the usage of the nearest level that has the size.</summary>
    public static ControllerScope Read(LevelChain<IHugetlbReader> chain, ContainerResources into)
    {
        ReusedList<HugetlbResources> sizes = into.HugetlbList;
        sizes.Clear();
        foreach (IHugetlbReader level in chain.Readers)
        {
            int count = level.SizeCount;
            for (int i = 0; i < count; i++)
            {
                level.Read(i, out long size, out long? limit, out long? usage);
                Merge(sizes, new HugetlbResources(size, limit, usage ?? 0));
            }
        }

        return chain.Scope == ControllerScope.Container && sizes.Count == 0 ? ControllerScope.Absent : chain.Scope;
    }

    private static void Merge(ReusedList<HugetlbResources> sizes, HugetlbResources level)
    {
        foreach (ref HugetlbResources known in sizes.Items)
        {
            if (known.PageSizeBytes == level.PageSizeBytes)
            {
                known = known with { LimitBytes = Saturating.Tighter(known.LimitBytes, level.LimitBytes) };
                return;
            }
        }

        sizes.Add(level);
    }
}
