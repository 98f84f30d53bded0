using System.Text;
using ProcFs.Hook.Attaching;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Tests.Attaching;

/// <summary>What is ours and what is not, from the text of mountinfo alone.</summary>
public sealed class OwnMountRulesTests
{
    private static readonly VerifiedRoot Proc = new(21, "0:70", "proc");
    private static readonly OwnMounts Own = new(60, new HashSet<uint> { 50, 55 });

    [Theory]
    [InlineData("", "Bare")] // no line: the name leads to /proc itself
    [InlineData("30 21 0:60 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Present")]
    [InlineData("30 21 0:60 /c/8/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Ours")]
    [InlineData("30 21 0:60 /common/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Ours")]
    [InlineData("30 21 0:55 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Ours")]
    [InlineData("30 21 0:50 /common/proc/meminfo /proc/meminfo ro shared:4 - fuse.procfs procfs ro", "Ours")]
    [InlineData("30 21 0:54 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Foreign")] // a connection that was never ours
    [InlineData("30 21 0:50 /c/7/proc/meminfo /proc/meminfo ro - tmpfs tmpfs ro", "Foreign")] // the number of a dead connection, given to another file system
    [InlineData("30 21 0:50 /c/7/proc/meminfo /proc/meminfo ro - fuse.lxcfs procfs ro", "Foreign")]
    [InlineData("30 21 0:50 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs lxcfs ro", "Foreign")]
    [InlineData("30 21 0:60 /c/7/proc/uptime /proc/meminfo ro - fuse.procfs procfs ro", "Foreign")] // somebody bound our uptime there
    [InlineData("30 21 0:60 /c/x/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Foreign")]
    [InlineData("30 21 0:60 /c//proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Foreign")]
    [InlineData("30 21 0:60 / /proc/meminfo ro - fuse.procfs procfs ro", "Foreign")]
    [InlineData("30 21 8:60 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Foreign")]
    [InlineData("30 21 0:6 /null /proc/meminfo ro - devtmpfs devtmpfs rw", "Foreign")] // a mask
    [InlineData("30 21 0:70 /meminfo /proc/meminfo ro - proc proc rw", "Bare")] // readonlyPaths
    [InlineData("30 21 0:70 /uptime /proc/meminfo ro - proc proc rw", "Foreign")]
    [InlineData("30 21 0:5 /meminfo /proc/meminfo ro - proc proc rw", "Foreign")] // the host's, bound on purpose
    [InlineData("31 21 0:60 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Foreign", 30)] // not in the text: of another namespace
    [InlineData("301 21 0:60 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro", "Foreign", 30)]
    [InlineData("30 21 0:60 /c/7/proc/meminfo", "Foreign")]
    [InlineData("30 21", "Foreign")]
    public void The_topmost_mount_is_told_by_its_line(string line, string cover, int top = 0)
    {
        MountTable table = Table($"21 1 0:70 / /proc rw - proc proc rw\n{line}\n");
        ulong topId = top != 0 ? (ulong)top : line.Length == 0 ? 21u : 30u;
        Assert.Equal(cover, OwnMountRules.Classify(table, topId, Proc, "proc/meminfo", Own, "/c/7/proc/meminfo").ToString());
    }

    [Fact]
    public void Without_a_live_connection_nothing_is_present()
    {
        MountTable table = Table("30 21 0:60 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro\n");
        Assert.Equal(Cover.Foreign, OwnMountRules.Classify(table, 30, Proc, "proc/meminfo", new OwnMounts(0, new HashSet<uint>()), "/c/7/proc/meminfo"));
        Assert.Equal(Cover.Ours, OwnMountRules.Classify(table, 30, Proc, "proc/meminfo", new OwnMounts(0, new HashSet<uint> { 60 }), "/c/7/proc/meminfo"));
    }

    [Fact]
    public void Layers_are_counted_down_to_the_first_that_is_not_ours()
    {
        MountTable table = Table("""
            21 1 0:70 / /proc rw - proc proc rw
            22 21 0:50 /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro
            23 22 0:6 /null /proc/meminfo ro - devtmpfs devtmpfs rw
            24 23 0:55 /c/3/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro
            25 24 0:50 /common/proc/meminfo /proc/meminfo ro - fuse.procfs procfs ro
            26 26 0:60 /c/7/proc/stat /proc/stat ro - fuse.procfs procfs ro

            """);
        Assert.Equal(2, OwnMountRules.CountLayers(table, 25, "proc/meminfo", Own));
        Assert.Equal(1, OwnMountRules.CountLayers(table, 22, "proc/meminfo", Own));
        Assert.Equal(0, OwnMountRules.CountLayers(table, 23, "proc/meminfo", Own));
        Assert.Equal(1000, OwnMountRules.CountLayers(table, 26, "proc/stat", Own)); // a text that lies in a circle has an end all the same
    }

    [Theory]
    [InlineData("/common/proc/meminfo", "proc/meminfo")]
    [InlineData("/c/65536/sys/devices/system/cpu/online", "sys/devices/system/cpu/online")]
    [InlineData("/common", null)]
    [InlineData("/c/7", null)]
    [InlineData("/c/-7/proc/stat", null)]
    [InlineData("/c/7/etc/passwd", null)]
    [InlineData("/proc/meminfo", null)]
    [InlineData("/", null)]
    [InlineData("", null)]
    public void The_root_of_a_mount_tells_the_file(string root, string? file)
        => Assert.Equal(file, OwnMountRules.FileOf(Encoding.UTF8.GetBytes(root)));

    [Theory]
    [InlineData("20 1 0:5 / /proc rw - proc proc rw", null)]
    [InlineData("20 1 0:5 / /proc rw shared:12 - proc proc rw", "shared:12")]
    [InlineData("20 1 0:5 / /proc rw master:3 shared:12 - proc proc rw", "shared:12")]
    [InlineData("20 1 0:5 / /proc rw master:3 propagate_from:2 - proc proc rw", null)]
    [InlineData("20 1 0:5 / /proc rw - proc shared:1 shared:2", null)]
    public void The_peer_group_is_an_optional_field(string text, string? group)
    {
        Assert.True(MountInfoLine.TryParse(Encoding.UTF8.GetBytes(text), out MountInfoLine line));
        Assert.Equal(group, MountTable.PeerGroupOf(line));
        Assert.Equal(group is not null, Table(text + "\n").HasPeerGroup("shared:12"));
    }

    private static MountTable Table(string text) => new(Encoding.UTF8.GetBytes(text));
}
