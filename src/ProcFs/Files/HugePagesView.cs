using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Host;

namespace ProcFs.Files;

/// <summary>
/// The huge pages a container can have: of the default size in pages, and of all sizes together in kB. All zero where no hugetlb
/// controller counts them.
/// </summary>
internal readonly record struct HugePagesView(long Total, long Free, long AllSizesKb)
{
    public static HugePagesView Of(ContainerSnapshot snapshot)
    {
        HostMeminfo host = snapshot.Host.Meminfo;
        if (!snapshot.HasHugePages || snapshot.Resources.HugetlbScope == ControllerScope.Absent)
        {
            return default;
        }

        long hostTotal = host.Value(MeminfoLabel.HugePagesTotal);
        long hostFree = host.Value(MeminfoLabel.HugePagesFree);
        if (snapshot.Resources.HugetlbScope == ControllerScope.Root)
        {
            return new HugePagesView(hostTotal, hostFree, host.Value(MeminfoLabel.Hugetlb));
        }

        long defaultSize = Saturating.Scale(host.Value(MeminfoLabel.HugePageSize), 1024, 1);
        HugePagesView view = default;
        foreach (HugetlbResources size in snapshot.Resources.Hugetlb)
        {
            if (size.PageSizeBytes <= 0)
            {
                continue;
            }

            bool isDefault = size.PageSizeBytes == defaultSize;
            long hostPages = isDefault ? hostTotal : snapshot.Host.HugePages(size.PageSizeBytes);
            long total = Math.Min(hostPages, (size.LimitBytes ?? long.MaxValue) / size.PageSizeBytes);
            long used = size.UsageBytes / size.PageSizeBytes;
            view = view with { AllSizesKb = Saturating.Add(view.AllSizesKb, Saturating.Scale(total, size.PageSizeBytes / 1024, 1)) };
            view = isDefault ? view with { Total = total, Free = Math.Max(0, Math.Min(hostFree, total - used)) } : view;
        }

        return view;
    }
}
