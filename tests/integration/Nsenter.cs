using System.Globalization;

namespace ProcFs.Integration.Tests;

// /                        the caller's cgroup stays where it is
// /procfs-test-N
//   container-1            memory 64 MiB
public sealed class Nsenter(ServedTree tree)
{
    [Fact]
    public void Who_enters_the_namespaces_of_a_container_sees_the_container_whatever_its_own_cgroup()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, Quota = 100000 });

        string[] enter = ["nsenter", "--target", container.Pid.ToString(CultureInfo.InvariantCulture), "--mount", "--pid"];

        Assert.Equal(64 << 10, ProcText.Kib(Child.Run([.. enter, "cat", "/proc/meminfo"]).Ok(), "MemTotal"));
        Assert.Equal("1", Child.Run([.. enter, "getconf", "_NPROCESSORS_ONLN"]).Line());
        Assert.InRange(ProcText.Uptime(Child.Run([.. enter, "cat", "/proc/uptime"]).Ok()), 0, 120);
    }
}
