using System.Text;
using ProcFs.Hook.Attaching;

namespace ProcFs.Hook.Tests.Attaching;

/// <summary>What is to be done, told without entering; and which connections were ours.</summary>
public sealed class OutsideViewTests
{
    private const string Text = """
        20 1 8:1 / / rw - ext4 /dev/sda rw
        21 20 0:70 / /proc rw - proc proc rw
        22 21 0:60 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro
        23 21 0:50 /c/7/proc/uptime /proc/uptime ro - fuse.procfs procfs ro
        24 21 0:50 /c/7/proc/stat /proc/stat ro - fuse.procfs procfs ro
        25 24 0:60 /c/7/proc/stat /proc/stat ro - fuse.procfs procfs ro
        26 21 0:50 /common/proc/loadavg /proc/loadavg ro - fuse.procfs procfs ro
        27 26 0:6 /null /proc/loadavg ro - devtmpfs devtmpfs rw
        28 20 0:50 /common/proc/swaps /mnt/swaps ro - fuse.procfs procfs ro
        29 20 0:60 /common /var/lib/procfs ro - fuse.procfs procfs ro

        """;

    private static readonly OutsideView View = new(new MountTable(Encoding.UTF8.GetBytes(Text)), new OwnMounts(60, new HashSet<uint> { 50 }));

    [Fact]
    public void Only_what_lies_on_the_files_themselves_counts()
    {
        Assert.Equal("0:70", View.ProcDevice);
        Assert.Equal(["proc/loadavg", "proc/meminfo", "proc/stat", "proc/uptime"], View.OwnFiles);
    }

    [Fact]
    public void Dead_is_what_readers_meet_first() => Assert.Equal(["proc/uptime"], View.DeadFiles);

    [Theory]
    [InlineData("/run/c/7", true, "proc/meminfo", "proc/stat")]
    [InlineData("/run/c/7/", true, "proc/meminfo")]
    [InlineData("/run/c/8", false, "proc/meminfo")]
    [InlineData("/run/common", false, "proc/meminfo")]
    [InlineData("/run/c/7", false, "proc/meminfo", "proc/uptime")]
    [InlineData("/run/c/7", false, "proc/vmstat")]
    public void All_there_means_served_and_of_that_container(string source, bool hasAll, params string[] files) => Assert.Equal(hasAll, View.HasAll(source, files));

    [Theory]
    [InlineData("/run/d/7")]
    [InlineData("/run")]
    public void A_source_that_is_no_containers_is_a_mistake_of_the_caller(string source)
        => Assert.Throws<ArgumentException>(() => View.HasAll(source, ["proc/meminfo"]));

    [Fact]
    public void Connections_of_another_boot_are_not_ours()
    {
        string run = Directory.CreateTempSubdirectory("procfs-hook-").FullName;
        try
        {
            Assert.Empty(ConnectionList.Read(run, "/proc", live: 0, session: null).PastMinors);
            string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            File.WriteAllText(RunDirectory.Connections(run), $"{boot} 41\nsomething-else 42\n{boot} x\n{boot}\n\n{boot} 43\n{boot} 4");
            Assert.Equal([4u, 41u, 43u], ConnectionList.Read(run, "/proc", live: 0, session: null).PastMinors.Order());
        }
        finally
        {
            Directory.Delete(run, recursive: true);
        }
    }
}
