using ProcFs.Interop;
using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>Files of a node that are replaced: what they were besides their text they stay.</summary>
public sealed class NodeFileTests : IDisposable
{
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-file-").FullName;

    private string File1 => _directory + "/config.toml";

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_file_keeps_its_mode_and_nothing_is_left_beside_it()
    {
        File.WriteAllText(File1, "password");
        File.SetUnixFileMode(File1, Secret);
        File.WriteAllText(_directory + "/.config.toml.procfs-new", "of one who was interrupted, for all to read");

        Assert.True(NodeFile.Write(File1, "other"));
        Assert.False(NodeFile.Write(File1, "other"));

        Assert.Equal("other", File.ReadAllText(File1));
        Assert.Equal(Secret, File.GetUnixFileMode(File1));
        Assert.Equal([File1], Directory.GetFiles(_directory));
    }

    [Fact]
    public void A_new_file_is_for_all_to_read()
    {
        NodeFile.Write(_directory + "/new/file", "x");
        Assert.Equal(Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(_directory + "/new/file"));
    }

    [Fact]
    public void A_file_keeps_its_owner()
    {
        Assert.SkipUnless(Libc.EffectiveUserId() == 0, "only root gives files away");
        File.WriteAllText(File1, "a");
        using (FileStream file = File.OpenRead(File1))
        {
            Assert.Equal(0, Libc.ChangeOwner((int)file.SafeFileHandle.DangerousGetHandle(), 12, 34));
        }

        NodeFile.Write(File1, "b");

        Assert.True(Libc.Statx(Libc.AT_FDCWD, Libc.PathBytes(File1), 0, Libc.STATX_BASIC_STATS, out Libc.StatxBuffer status) >= 0);
        Assert.Equal((12u, 34u), (status.Uid, status.Gid));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_stays_and_the_file_that_it_leads_to_changes(bool isThere)
    {
        string place = _directory + "/elsewhere/real.toml";
        Directory.CreateDirectory(_directory + "/elsewhere");
        if (isThere)
        {
            File.WriteAllText(place, "a");
            File.SetUnixFileMode(place, Secret);
        }

        File.CreateSymbolicLink(_directory + "/middle", "elsewhere/real.toml");
        File.CreateSymbolicLink(File1, "middle");

        NodeFile.Write(File1, "b");
        Assert.Equal("middle", new FileInfo(File1).LinkTarget);
        Assert.Equal("b", File.ReadAllText(place));
        Assert.Equal(isThere, File.GetUnixFileMode(place) == Secret);

        Assert.True(NodeFile.Remove(File1, text => text == "b"));
        Assert.Equal("middle", new FileInfo(File1).LinkTarget);
        Assert.False(File.Exists(place));
    }

    [Fact]
    public void What_is_no_file_is_neither_replaced_nor_removed()
    {
        string device = _directory + "/null";
        Assert.SkipUnless(NodeTool.Find("mknod") is { } mknod && NodeTool.Run([mknod, device, "c", "1", "3"], TimeSpan.FromSeconds(10)).ExitCode == 0, "no devices can be made here");
        File.CreateSymbolicLink(File1, "null");

        Failure failure = Assert.Throws<Failure>(() => NodeFile.Write(File1, "x"));
        Assert.Equal($"cannot write {File1}: {device} is no regular file", failure.Message);
        Assert.False(NodeFile.Remove(File1, _ => true));
        Assert.True(Path.Exists(device));
        Assert.Equal("null", new FileInfo(File1).LinkTarget);
        Assert.False(NodeFile.IsEmpty(File1));
    }
}
