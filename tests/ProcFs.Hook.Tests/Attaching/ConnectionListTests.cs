using System.Text;
using ProcFs.Hook.Attaching;
using ProcFs.Mountinfo;

namespace ProcFs.Hook.Tests.Attaching;

public sealed class ConnectionListTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-connections-").FullName;

    public ConnectionListTests()
    {
        Directory.CreateDirectory($"{_directory}/sys/kernel/random");
        File.WriteAllText($"{_directory}/sys/kernel/random/boot_id", "now\n");
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Only_those_of_this_boot_and_session_count()
    {
        File.WriteAllText(RunDirectory.Connections(_directory), "before 40 11 a\nnow 41 12 a\nnow 42 13 b\nnow 43\nnow 44 0 a\nnow 45 0 b\nnow x 14 a\nnow 46 y a\nnow 47 15\n\nnow 48 16 a b\n");

        OwnMounts own = ConnectionList.Read(_directory, _directory, 7, "a");
        OwnMounts all = ConnectionList.Read(_directory, _directory, 7, null);

        Assert.Equal(7u, own.LiveMinor);
        Assert.Equal([43u, 44u], own.PastMinors.Order());
        Assert.Equal([(41u, 12u)], own.Marked);
        Assert.Equal([43u, 44u, 45u], all.PastMinors.Order());
        Assert.Equal([(41u, 12u), (42u, 13u)], all.Marked.Order());
    }

    [Fact]
    public void Without_the_file_nothing_is_ours_but_what_is_served()
    {
        OwnMounts own = ConnectionList.Read(_directory, _directory, 7, "a");
        Assert.Equal((7u, 0, 0), (own.LiveMinor, own.PastMinors.Count, own.Marked.Count));
    }

    [Theory]
    [InlineData(60, "rw,user_id=0", true)] // what is served needs no mark
    [InlineData(60, "rw,max_read=5", true)]
    [InlineData(50, "rw,user_id=0,group_id=0,max_read=1500000000,allow_other", true)]
    [InlineData(50, "rw,max_read=1500000001", false)] // the number is another's now
    [InlineData(50, "rw", false)]
    [InlineData(50, "rw,xmax_read=1500000000", false)]
    [InlineData(50, "rw,max_read=99999999999", false)]
    [InlineData(51, "rw,max_read=1500000000", false)]
    [InlineData(55, "rw", true)] // of a version without marks
    [InlineData(55, "rw,max_read=1500000000", false)]
    public void A_dead_mount_is_told_by_number_and_mark(int minor, string options, bool isOurs)
    {
        OwnMounts own = new(60, new HashSet<uint> { 55 }) { Marked = new HashSet<(uint, uint)> { (50, 1500000000) } };
        Assert.True(MountInfoLine.TryParse(Encoding.ASCII.GetBytes($"30 21 0:{minor} /c/7/proc/meminfo /proc/meminfo ro - fuse.procfs procfs {options}"), out MountInfoLine line));

        Assert.Equal(isOurs, OwnMountRules.IsOwn(line, "proc/meminfo", own, out _));
    }
}
