using System.Text;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse.Tests;

public class DirectoryTests
{
    private readonly DispatcherFixture _fixture = new();

    [Fact]
    public void Opendir_needs_no_handle_and_sets_no_flag()
        => Assert.Equal(
            Hex.Bytes("""
                20000000 00000000 // len 32, no error
                0200000000000000  // unique 2
                0000000000000000  // fh 0
                00000000 00000000 // open_flags 0, backing_id 0
                """),
            _fixture.Send(Message.Request(FuseOpcode.FUSE_OPENDIR, 1, new byte[8])));

    [Fact]
    public void Readdir_is_answered_with_these_bytes()
    {
        byte[] reply = _fixture.Send(Hex.Bytes("""
            50000000 1c000000          // len 80, READDIR
            0200000000000000           // unique 2
            0100000000000000           // nodeid 1
            00000000 00000000 4d000000 // uid, gid, pid
            0000 0000                  // total_extlen, padding
            0000000000000000           // fh
            0100000000000000           // offset: after the first record
            60000000 00000000          // size 96: no room for a fourth record
            0000000000000000           // lock_owner
            00000000 00000000          // flags, padding
            """));
        Assert.Equal(
            Hex.Bytes("""
                70000000 00000000 // len 112, no error
                0200000000000000  // unique 2
                0300000000000000  // ino 3
                0200000000000000  // off: the next record's cookie
                03000000 04000000 // namelen 3, DT_DIR
                737562 0000000000 // "sub", padded to 8
                0400000000000000  // ino 4
                0300000000000000  // off
                04000000 0a000000 // namelen 4, DT_LNK
                6c696e6b 00000000 // "link"
                0600000000000000  // ino 6
                0400000000000000  // off
                03000000 08000000 // namelen 3, DT_REG
                626967 0000000000 // "big"
                """),
            reply);
    }

    [Fact]
    public void Readdir_at_the_end_is_empty()
        => Assert.Equal(Message.Error(FuseErrno.None), _fixture.Send(Message.ReadDirectory(1, 4, 4096)));

    [Fact]
    public void Releasedir_is_empty_and_no_business_of_the_filesystem()
    {
        Assert.Equal(Message.Error(FuseErrno.None), _fixture.Send(Message.Request(FuseOpcode.FUSE_RELEASEDIR, 1, new byte[24])));
        Assert.Equal(0, _fixture.FileSystem.Releases);
    }

    [Theory]
    [InlineData(32u)]
    [InlineData(33u)]
    [InlineData(63u)]
    [InlineData(64u)]
    [InlineData(100u)]
    [InlineData(4096u)]
    [InlineData(1u << 20)]
    [InlineData(uint.MaxValue)]
    public void Listing_is_complete_for_every_size_and_never_cuts_a_record(uint size)
    {
        List<string> names = [];
        ulong offset = 0;
        while (true)
        {
            byte[] reply = _fixture.Send(Message.ReadDirectory(3, offset, size));
            Assert.Equal(0, Message.Header(reply).Error);
            Assert.True((uint)reply.Length - 16 <= size);
            List<(string Name, ulong Next, uint Type, ulong Ino)> entries = Message.Entries(reply);
            if (entries.Count == 0)
            {
                break;
            }

            names.AddRange(entries.Select(e => e.Name));
            offset = entries[^1].Next;
        }

        Assert.Equal(Enumerable.Range(0, TinyFileSystem.SubCount).Select(i => $"file{i}"), names);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(31u)]
    public void Room_for_no_record_at_all_is_EINVAL_and_not_the_end(uint size)
        => Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(Message.ReadDirectory(3, 0, size)));

    [Theory]
    [InlineData((ulong)TinyFileSystem.SubCount)]
    [InlineData((ulong)long.MaxValue)]
    public void Offset_behind_the_end_lists_nothing(ulong offset)
        => Assert.Equal(Message.Error(FuseErrno.None), _fixture.Send(Message.ReadDirectory(3, offset, 4096)));

    [Theory]
    [InlineData(1ul << 63)]
    [InlineData(ulong.MaxValue)]
    public void Negative_offset_is_EINVAL(ulong offset)
        => Assert.Equal(FuseErrno.EINVAL, _fixture.ErrorOf(Message.ReadDirectory(3, offset, 4096)));

    [Fact]
    public void Listing_a_file_is_what_the_filesystem_says()
        => Assert.Equal(FuseErrno.ENOTDIR, _fixture.ErrorOf(Message.ReadDirectory(2, 0, 4096)));

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    public void Writer_refuses_names_no_directory_can_hold(string name)
        => Assert.Throws<ArgumentException>(() =>
        {
            DirectoryWriter writer = new(new byte[4096]);
            writer.TryAdd(1, 1, NodeKind.RegularFile, Encoding.UTF8.GetBytes(name));
        });

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(255)]
    public void Writer_takes_a_record_that_fits_exactly_and_none_that_is_a_byte_too_long(int length)
    {
        byte[] name = [.. Enumerable.Repeat((byte)'n', length)];
        int padded = (24 + length + 7) / 8 * 8;
        DirectoryWriter exact = new(new byte[padded]);
        Assert.True(exact.TryAdd(1, 1, NodeKind.RegularFile, name));
        Assert.Equal(padded, exact.Length);
        Assert.False(exact.IsFull);

        byte[] buffer = new byte[padded - 1];
        DirectoryWriter tooSmall = new(buffer);
        Assert.False(tooSmall.TryAdd(1, 1, NodeKind.RegularFile, name));
        Assert.Equal(0, tooSmall.Length);
        Assert.All(buffer, b => Assert.Equal(0, b));
    }

    [Fact]
    public void Full_writer_stays_full_for_shorter_names()
    {
        DirectoryWriter writer = new(new byte[40]);
        Assert.False(writer.TryAdd(1, 1, NodeKind.RegularFile, "a name of twenty byt"u8));
        Assert.False(writer.TryAdd(2, 2, NodeKind.RegularFile, "a"u8));
        Assert.Equal(0, writer.Length);
    }
}
