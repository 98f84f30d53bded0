namespace ProcFs.Tests;

/// <summary>/proc/slabinfo: docs/fields/slabinfo.md.</summary>
public sealed class SlabinfoTests
{
    private const string Cache = "dentry                21     42    192   21    1 : tunables    0    0    0 : slabdata      2      2      0\n";

    private static readonly string Headings = string.Concat(HostTexts.Slabinfo.Split('\n')[..2].Select(line => line + "\n"));

    [Fact]
    public void The_caches_of_an_old_kernel_on_v1_are_shown_below_the_headings()
    {
        using HostTree host = HostTree.V1().Cgroup("/c", ("memory.usage_in_bytes", "4096"), ("memory.kmem.slabinfo", Headings + Cache + Cache));
        Assert.Equal(Headings + Cache + Cache, host.Show("slabinfo"));
        Assert.Equal(Headings, host.Cgroup("/d").Show("slabinfo", "/d"));
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v2")]
    public void Where_the_kernel_does_not_tell_there_are_the_headings(string version)
    {
        using HostTree host = HostTree.Of(version).Cgroup("/c", version == "v1" ? [("memory.kmem.slabinfo", "")] : []);
        Assert.Equal(Headings, host.Show("slabinfo"));
        Assert.Equal(Headings, host.ShowTo(0, "slabinfo"));
    }

    [Fact]
    public void A_process_of_the_host_reads_the_hosts()
    {
        using HostTree host = HostTree.V2().Cgroup("/c").Process(40, 1000, "/c");
        Assert.Equal(HostTexts.Slabinfo, host.ShowTo(40, "slabinfo"));
    }
}
