using System.Text;

namespace ProcFs.Cgroups.Tests;

/// <summary>
/// The cgroups of each captured host, read whole while one file of a container or of a level above it is cut or garbled: each prefix of each
/// file, and 100,000 mutations. What is read stays zero or more, and comes back when the file does.
/// </summary>
public sealed class CapturedTreeTests : IDisposable
{
    private readonly TempTree _tree = new();

    public static TheoryData<string> Hosts => [.. Captured.Hosts.Select(host => Path.GetFileName(host)!)];

    [Theory]
    [MemberData(nameof(Hosts))]
    public void One_garbled_file_never_spoils_a_number(string host)
    {
        const string cgroup = "/fix/pod/nested";
        string source = Path.Combine(Captured.Root, host);
        string[] files = [.. Captured.Files(source).Where(file => file.StartsWith("sys/fs/cgroup/", StringComparison.Ordinal))];
        foreach (string file in files)
        {
            _tree.MakeDirectory(Path.GetDirectoryName(file)!);
            File.Copy(Path.Combine(source, file), _tree.At(file));
        }

        CgroupTree tree = new(CgroupLayout.Discover("/nonexistent", _tree.At("sys/fs/cgroup")), new DescriptorPool(1024));
        ContainerCgroups cgroups = tree.Open(CgroupPaths.Same(tree.Layout, cgroup));
        ContainerResources read = new();
        Sane.Check(cgroups, read, "as captured");
        string before = Describe(read);

        string[] targets = [.. files.Where(file => IsRead(file) && (file.Contains(cgroup + "/", StringComparison.Ordinal) || file.Contains("/fix/pod/", StringComparison.Ordinal)))];
        Assert.InRange(targets.Length, 10, 200);
        int seed = 30;
        foreach (string target in targets)
        {
            byte[] text = File.ReadAllBytes(_tree.At(target));
            using FileStream file = new(_tree.At(target), FileMode.Open, FileAccess.Write);
            Hostile.Attack([text], seed++, hostile =>
            {
                Write(file, hostile);
                return cgroups.TryRead(GroupsOf(target), read) && Sane.IsFine(read);
            }, Hostile.Mutations / (Captured.Hosts.Count * targets.Length));
            Write(file, text);
        }

        Sane.Check(cgroups, read, "as captured");
        Assert.Equal(before, Describe(read));
    }

    public void Dispose() => _tree.Dispose();

    /// <summary>Only what a container's readers look at.</summary>
    private static bool IsRead(string file) => !Path.GetFileName(file).StartsWith("cgroup.", StringComparison.Ordinal)
        && !file.EndsWith(".pressure", StringComparison.Ordinal) && GroupsOf(file) != ResourceGroups.None;

    private static ResourceGroups GroupsOf(string file) => Path.GetFileName(file).Split('.')[0] switch
    {
        "memory" => ResourceGroups.Memory,
        "cpu" => ResourceGroups.CpuQuota | ResourceGroups.CpuUsage,
        "cpuacct" => ResourceGroups.CpuUsage,
        "cpuset" => ResourceGroups.CpuSet,
        "hugetlb" => ResourceGroups.Hugetlb,
        "blkio" or "io" => ResourceGroups.BlockIo,
        _ => ResourceGroups.None,
    };

    private static void Write(FileStream file, byte[] text)
    {
        RandomAccess.Write(file.SafeFileHandle, text, 0);
        RandomAccess.SetLength(file.SafeFileHandle, text.Length);
    }

    private static string Describe(ContainerResources read) => new StringBuilder()
        .AppendLine($"{read.Memory} {read.Quota} {read.Usage} {read.EffectiveCpus}")
        .AppendJoin(' ', read.MemoryLevels.ToArray()).AppendJoin(' ', read.Hugetlb.ToArray())
        .AppendJoin(' ', read.BlockIo.ToArray()).AppendJoin(' ', read.PerCpuNs.ToArray()).ToString();
}
