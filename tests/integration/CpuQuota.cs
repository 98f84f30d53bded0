namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        quota 0.5, 1 or 1.5 CPUs
public sealed class CpuQuota(ServedTree tree)
{
    [Theory]
    [InlineData("runc", 50000)]
    [InlineData("runc", 100000)]
    [InlineData("runc", 150000)]
    [InlineData("crun", 100000)]
    public void A_quota_is_a_number_of_CPUs_and_all_files_and_programs_agree_on_it(string runtime, int quota)
    {
        using OciContainer container = tree.Run(new() { Runtime = runtime, Quota = quota });

        CpuView.AssertShows(Host.CpusWithin(quota), container);
    }

    [Fact]
    public void Without_a_quota_all_CPUs_are_there()
    {
        using OciContainer container = tree.Run(new());

        CpuView.AssertShows(Host.Cpus.Count, container);
    }
}
