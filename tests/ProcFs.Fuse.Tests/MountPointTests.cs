using System.Text;

namespace ProcFs.Fuse.Tests;

public sealed class MountPointTests : IDisposable
{
    private const string Root = "22 1 254:0 / / rw,relatime - ext4 /dev/root rw\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-mountpoint-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Own_mount_is_known_by_its_type()
        => Assert.Equal(
            new MountPointState(MountPointKind.OwnMount) { Count = 1, DeviceMinor = 61, MaxRead = 1500000000, Root = "/", Type = "fuse.procfs", Source = "procfs" },
            Inspect("/mnt/view", Root + "90 22 0:61 / /mnt/view rw,nosuid,nodev,noexec - fuse.procfs procfs rw,user_id=0,max_read=1500000000,allow_other\n"));

    [Fact]
    public void Own_mounts_one_on_another_are_counted_and_the_topmost_is_described()
        => Assert.Equal(
            new MountPointState(MountPointKind.OwnMount) { Count = 3, DeviceMinor = 63, Root = "/", Type = "fuse.procfs", Source = "procfs" },
            Inspect("/mnt/view", Root + """
                90 22 0:61 / /mnt/view rw - fuse.procfs procfs rw
                91 90 0:62 / /mnt/view rw - fuse.procfs procfs rw
                95 22 0:70 / /mnt/other rw - tmpfs tmpfs rw
                92 91 0:63 / /mnt/view rw shared:5 master:1 - fuse.procfs procfs rw

                """));

    [Fact]
    public void Foreign_mount_on_top_hides_our_own()
        => Assert.Equal(
            new MountPointState(MountPointKind.ForeignMount) { Type = "tmpfs", Source = "some source" },
            Inspect("/mnt/view", Root + """
                90 22 0:61 / /mnt/view rw - fuse.procfs procfs rw
                91 90 0:62 / /mnt/view rw - tmpfs some\040source rw

                """));

    [Fact]
    public void Only_own_mounts_above_a_foreign_one_count()
        => Assert.Equal(
            (MountPointKind.OwnMount, 1),
            (Inspect("/mnt/view", Stacked).Kind, Inspect("/mnt/view", Stacked).Count));

    [Theory]
    [InlineData("fuse")]
    [InlineData("fuse.procfs2")]
    [InlineData("fuse.lxcfs")]
    [InlineData("proc")]
    public void Similar_types_are_foreign(string type)
        => Assert.Equal(MountPointKind.ForeignMount, Inspect("/mnt/view", $"90 22 0:61 / /mnt/view rw - {type} procfs rw\n").Kind);

    [Fact]
    public void Subtype_can_be_another()
        => Assert.Equal(
            MountPointKind.OwnMount,
            MountPoint.Inspect("/mnt/view", "test", "90 22 0:61 / /mnt/view rw - fuse.test x rw\n"u8).Kind);

    [Theory]
    [InlineData("/mnt/a blank", @"/mnt/a\040blank")]
    [InlineData("/mnt/back\\slash", @"/mnt/back\134slash")]
    [InlineData("/mnt/new\nline\ttab", @"/mnt/new\012line\011tab")]
    [InlineData("/mnt/ünïcode", "/mnt/ünïcode")]
    public void Escaped_paths_are_found(string path, string escaped)
        => Assert.Equal(MountPointKind.OwnMount, Inspect(path, $"90 22 0:61 / {escaped} rw - fuse.procfs procfs rw\n").Kind);

    [Theory]
    [InlineData("/mnt/view/")]
    [InlineData("/mnt//view")]
    [InlineData("/mnt/./x/../view")]
    public void Path_may_be_written_in_other_ways(string path)
        => Assert.Equal(MountPointKind.OwnMount, Inspect(path, "90 22 0:61 / /mnt/view rw - fuse.procfs procfs rw\n").Kind);

    [Fact]
    public void Path_within_our_own_mount_is_never_touched()
        => Assert.Equal(MountPointKind.InsideOwnMount, Inspect(_directory + "/a/b", Root + $"90 22 0:61 / {_directory} rw - fuse.procfs procfs rw\n").Kind);

    [Fact]
    public void Neighbour_of_our_own_mount_is_not_within_it()
        => Assert.Equal(MountPointKind.Missing, Inspect(_directory + "/viewer", Root + $"90 22 0:61 / {_directory}/view rw - fuse.procfs procfs rw\n").Kind);

    [Fact]
    public void Foreign_mount_within_our_own_is_foreign_ground_again()
        => Assert.Equal(MountPointKind.Missing, Inspect(_directory + "/a/b", Root
            + $"90 22 0:61 / {Path.GetDirectoryName(_directory)} rw - fuse.procfs procfs rw\n91 90 0:62 / {_directory} rw - tmpfs x rw\n").Kind);

    [Fact]
    public void Empty_directory_without_a_mount_is_nothing()
        => Assert.Equal(new MountPointState(MountPointKind.Nothing), MountPoint.Inspect(_directory));

    [Fact]
    public void Missing_path_is_missing()
    {
        Assert.Equal(MountPointKind.Missing, MountPoint.Inspect(_directory + "/nowhere").Kind);
        Assert.Equal(MountPointKind.Missing, MountPoint.Inspect(_directory + "/nowhere/at/all").Kind);
    }

    [Fact]
    public void File_and_link_are_no_directories()
    {
        string file = _directory + "/file";
        File.WriteAllText(file, "x");
        File.CreateSymbolicLink(_directory + "/link", "/tmp");
        Assert.Equal(MountPointKind.NotDirectory, MountPoint.Inspect(file).Kind);
        Assert.Equal(MountPointKind.NotDirectory, MountPoint.Inspect(file + "/below").Kind);
        Assert.Equal(MountPointKind.NotDirectory, MountPoint.Inspect(_directory + "/link").Kind);
    }

    [Fact]
    public void Directory_with_a_file_is_not_empty()
    {
        File.WriteAllText(_directory + "/.hidden", "x");
        Assert.Equal(MountPointKind.NotEmpty, MountPoint.Inspect(_directory).Kind);
    }

    [Fact]
    public void Link_on_the_way_is_resolved_as_mountinfo_has_it()
    {
        Directory.CreateDirectory(_directory + "/real");
        File.CreateSymbolicLink(_directory + "/link", _directory + "/real");
        string text = Root + $"90 22 0:61 / {_directory}/real/view rw - fuse.procfs procfs rw\n";
        Assert.Equal(MountPointKind.OwnMount, Inspect(_directory + "/link/view", text).Kind);
    }

    [Fact]
    public void Real_proc_is_a_foreign_mount()
        => Assert.Equal((MountPointKind.ForeignMount, "proc"), (MountPoint.Inspect("/proc").Kind, MountPoint.Inspect("/proc").Type));

    [Fact]
    public void Every_prefix_of_a_mountinfo_is_understood_somehow()
    {
        byte[] text = Encoding.UTF8.GetBytes(Stacked);
        for (int length = 0; length <= text.Length; length++)
        {
            Assert.True(Enum.IsDefined(MountPoint.Inspect(_directory, "procfs", text.AsSpan(0, length)).Kind));
        }
    }

    [Fact]
    public void Proc_that_is_not_there_is_one_clear_sentence()
    {
        FuseException exception = Assert.Throws<FuseException>(() => MountPoint.Inspect("/mnt", procRoot: _directory + "/noproc"));
        Assert.StartsWith($"cannot read {_directory}/noproc/self/mountinfo: ", exception.Message, StringComparison.Ordinal);
    }

    private static string Stacked => Root + """
        90 22 0:61 / /mnt/view rw - fuse.procfs procfs rw
        91 90 0:62 / /mnt/view rw - tmpfs x rw
        92 91 0:63 / /mnt/view rw - fuse.procfs procfs rw

        """;

    private static MountPointState Inspect(string path, string mountInfo) => MountPoint.Inspect(path, "procfs", Encoding.UTF8.GetBytes(mountInfo));
}
