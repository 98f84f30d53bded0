using ProcFs.Hook;
using ProcFs.Serving;

namespace ProcFs.Tests;

public sealed class ConnectionRecordTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-connections-").FullName;

    private string Record => RunDirectory.Connections(_directory);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Each_connection_is_one_line_with_boot_number_mark_and_session()
    {
        Boot("one");
        Assert.Null(ConnectionRecord.Note(_directory, _directory, 46, 7, "a"));
        Assert.Null(ConnectionRecord.Note(_directory, _directory, 4, 0, "b"));
        Assert.Equal("one 46 7 a\none 4 0 b\n", File.ReadAllText(Record));
    }

    [Fact]
    public void One_that_is_noted_is_not_noted_again_before_the_next_boot()
    {
        Boot("one");
        Assert.Null(ConnectionRecord.Note(_directory, _directory, 46, 7, "a"));
        Assert.Null(ConnectionRecord.Note(_directory, _directory, 46, 7, "a"));
        Boot("two");
        Assert.Null(ConnectionRecord.Note(_directory, _directory, 46, 7, "a"));
        Assert.Equal("one 46 7 a\ntwo 46 7 a\n", File.ReadAllText(Record));
    }

    [Fact]
    public void The_file_is_its_owners_alone_and_no_link_is_followed()
    {
        Boot("one");
        Assert.Null(ConnectionRecord.Note(_directory, _directory, 46, 7, "a"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Record));
        File.Delete(Record);
        File.CreateSymbolicLink(Record, Path.Combine(_directory, "elsewhere"));
        Assert.StartsWith($"cannot open {Record}: ", ConnectionRecord.Note(_directory, _directory, 46, 7, "a"), StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(_directory, "elsewhere")));
    }

    [Fact]
    public void Without_the_boots_name_it_says_why() => Assert.NotNull(ConnectionRecord.Note(_directory, _directory, 46, 7, "a"));

    private void Boot(string id)
    {
        string file = Path.Combine(_directory, "sys/kernel/random/boot_id");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, id + "\n");
    }
}
