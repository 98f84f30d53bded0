using System.Globalization;
using System.Text;
using ProcFs.Hook.Attaching;
using ProcFs.Metrics;

namespace ProcFs.Tests;

/// <summary>Which mounts of ours a container has, by its mountinfo.</summary>
public sealed class ContainerMountsTests
{
    private readonly ContainerMounts _mounts = new("/proc", new OwnMounts(50, new HashSet<uint> { 40 }) { Marked = new HashSet<(uint, uint)> { (41, 123456) } });

    [Fact]
    public void Mounts_are_told_apart_by_connection_and_directory()
    {
        const string text = """
            20 1 0:20 / / rw - overlay overlay rw
            21 20 0:21 / /proc rw - proc proc rw
            30 21 0:50 /c/7/proc/meminfo /proc/meminfo rw - fuse.procfs procfs rw,max_read=999
            31 21 0:50 /c/7/proc/stat /proc/stat rw - fuse.procfs procfs rw,max_read=999
            32 21 0:50 /common/proc/uptime /proc/uptime rw - fuse.procfs procfs rw,max_read=999
            33 21 0:41 /c/3/proc/swaps /proc/swaps rw - fuse.procfs procfs rw,max_read=123456
            34 21 0:40 /common/proc/loadavg /proc/loadavg rw - fuse.procfs procfs rw
            """;
        Assert.Equal(new MountCounts(2, 1, 2), Count(text, out ulong container));
        Assert.Equal(7UL, container);
    }

    [Fact]
    public void Only_the_topmost_of_a_stack_counts()
    {
        const string text = """
            30 21 0:40 /common/proc/meminfo /proc/meminfo rw - fuse.procfs procfs rw
            31 30 0:50 /c/7/proc/meminfo /proc/meminfo rw - fuse.procfs procfs rw
            """;
        Assert.Equal(new MountCounts(1, 0, 0), Count(text, out _));
    }

    [Theory]
    [InlineData("30 21 0:42 /c/7/proc/meminfo /proc/meminfo rw - fuse.procfs procfs rw,max_read=5")] // another daemon's
    [InlineData("30 21 0:41 /c/7/proc/meminfo /proc/meminfo rw - fuse.procfs procfs rw,max_read=5")] // a number given again
    [InlineData("30 21 0:50 /c/7/proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw")]
    [InlineData("30 21 0:50 / /run/procfs/fuse/x rw - fuse.procfs procfs rw")]
    [InlineData("30 21 0:50 /c/x/proc/meminfo /proc/meminfo rw - fuse.procfs procfs rw")]
    [InlineData("30 21 1:50 /c/7/proc/meminfo /proc/meminfo rw - fuse.procfs procfs rw")]
    [InlineData("no mountinfo")]
    public void Whatever_else_there_is_does_not_count(string line) => Assert.Equal(default(MountCounts), Count(line, out _));

    [Fact]
    public void A_container_that_has_made_a_thousand_of_them_is_not_counted()
    {
        StringBuilder text = new();
        for (int i = 0; i < 1000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i + 100} 21 0:50 /common/proc/meminfo /m{i} rw - fuse.procfs procfs rw\n");
        }

        Assert.Null(Count(text.ToString(), out _));
    }

    [Fact]
    public void A_process_that_is_gone_has_none_and_one_without_ours_none_either()
    {
        Assert.Null(_mounts.Look(int.MaxValue, out _));
        Assert.Equal(default(MountCounts), _mounts.Look(Environment.ProcessId, out _));
    }

    private MountCounts? Count(string text, out ulong container) => _mounts.Count(Encoding.ASCII.GetBytes(text), out container);
}
