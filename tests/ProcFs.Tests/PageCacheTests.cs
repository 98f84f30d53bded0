using System.Text;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Tests;

/// <summary>Which files the kernel may keep pages of, and when these are old.</summary>
public sealed class PageCacheTests : IDisposable
{
    private const ulong Cpuinfo = (7 << 16) | 17;
    private const ulong Meminfo = (7 << 16) | 16;

    private readonly StillSource _source = new();
    private readonly SnapshotTable _snapshots = SnapshotTable.CreatePrivate(4);
    private readonly List<ulong> _expired = [];
    private bool _isUsable = true;
    private readonly ProcFileSystem _files;
    private ulong _request;

    public PageCacheTests() => _files = NewDaemon();

    public void Dispose() => _snapshots.Dispose();

    [Fact]
    public void The_first_open_begins_with_new_pages_and_the_next_ones_keep_them()
    {
        Assert.Equal(OpenReplyFlags.None, Open(Cpuinfo));
        Assert.Equal([Cpuinfo], _expired);
        Assert.Equal(OpenReplyFlags.KeepCache, Open(Cpuinfo));
        Assert.Equal(OpenReplyFlags.KeepCache, Open(Cpuinfo));
        Assert.Equal([Cpuinfo], _expired);
        Assert.Equal(0, _files.OpenFiles);
    }

    [Fact]
    public void When_the_text_changes_the_kernel_is_told_before_the_open_is_answered()
    {
        Open(Cpuinfo);
        Open(Cpuinfo);
        (_source.Text, _source.Number) = ("other", 12);
        Assert.Equal(OpenReplyFlags.None, Open(Cpuinfo));
        Assert.Equal([Cpuinfo, Cpuinfo], _expired);
        Assert.Equal(OpenReplyFlags.KeepCache, Open(Cpuinfo));
        Assert.Equal(5, Attributes(Cpuinfo).Size);
    }

    [Fact]
    public void Another_daemon_does_not_know_what_the_kernel_has()
    {
        Open(Cpuinfo);
        ProcFileSystem successor = NewDaemon();
        Assert.Equal(FuseErrno.None, successor.Open(At(Cpuinfo), 0, out OpenReply reply));
        Assert.Equal(OpenReplyFlags.None, reply.Flags);
        Assert.Equal([Cpuinfo, Cpuinfo], _expired);
    }

    [Fact]
    public void Size_and_version_are_those_of_the_text()
    {
        (long Size, uint Version, bool MayChange) first = Attributes(Cpuinfo);
        Assert.Equal((10, true), (first.Size, first.MayChange));
        Assert.Equal(FuseErrno.None, _files.Lookup(At((7 << 16) | NodeId.Proc), "cpuinfo"u8, out NodeAttributes found));
        Assert.Equal(first, (found.Size, found.Version, found.MayChange));
        Assert.InRange(first.Version, 1u, 999_999_999u);
    }

    // The kernel may have pages of the text between, whichever request made it have them.
    [Theory]
    [InlineData("getattr")]
    [InlineData("read")]
    [InlineData("open")]
    public void A_text_that_comes_back_has_another_version(string seenBy)
    {
        uint first = Attributes(Cpuinfo).Version;
        Open(Cpuinfo);
        (_source.Text, _source.Number) = ("other", 12);
        switch (seenBy)
        {
            case "getattr":
                Assert.NotEqual(first, Attributes(Cpuinfo).Version);
                break;
            case "read":
                Assert.Equal("other", ReadPage(Cpuinfo, 0));
                break;
            default:
                Open(Cpuinfo);
                break;
        }

        int told = _expired.Count;
        (_source.Text, _source.Number) = ("0123456789", 11);
        Assert.Equal(OpenReplyFlags.None, Open(Cpuinfo));
        Assert.Equal(told + 1, _expired.Count);
        Assert.NotEqual(first, Attributes(Cpuinfo).Version);
        Assert.Equal(OpenReplyFlags.KeepCache, Open(Cpuinfo));
    }

    [Fact]
    public void Pages_are_read_at_any_offset_from_the_text_as_it_is()
    {
        Assert.Equal("0123456789", ReadPage(Cpuinfo, 0));
        Assert.Equal("789", ReadPage(Cpuinfo, 7));
        Assert.Equal("", ReadPage(Cpuinfo, 10));
        (_source.Text, _source.Number) = ("other", 12);
        Assert.Equal("other", ReadPage(Cpuinfo, 0));
    }

    [Fact]
    public void A_container_that_sees_the_whole_host_has_no_pages_but_those_that_are_asked_for_are_answered()
    {
        _source.Number = 0;
        Assert.Equal(OpenReplyFlags.DirectIo, Open(Cpuinfo));
        Assert.Equal((4096, true), (Attributes(Cpuinfo).Size, Attributes(Cpuinfo).MayChange));
        // Whatever is kept open is looked at anew each time.
        Assert.NotEqual(Attributes(Cpuinfo).Version, Attributes(Cpuinfo).Version);
        Assert.StartsWith("render 7 ", ReadPage(Cpuinfo, 0), StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_of_a_container_that_has_ended_are_refused()
    {
        Open(Cpuinfo);
        (_source.Number, _source.HasEnded) = (0, true);
        Assert.Equal(FuseErrno.EINVAL, _files.Read(At(Cpuinfo, isForPageCache: true), 0, 0, new byte[4096], out _));
    }

    [Theory]
    [InlineData(Meminfo)]
    [InlineData(17)] // the common cpuinfo
    public void What_changes_all_the_time_or_is_for_everybody_has_none(ulong node)
    {
        Assert.Equal(OpenReplyFlags.DirectIo, Open(node));
        Assert.Equal((4096, 0u, false), Attributes(node));
        Assert.Equal(FuseErrno.EINVAL, _files.Read(At(node, isForPageCache: true), 0, 0, new byte[4096], out _));
        Assert.Empty(_expired);
    }

    [Fact]
    public void A_connection_that_does_not_know_versions_has_none()
    {
        _isUsable = false;
        Assert.Equal(OpenReplyFlags.DirectIo, Open(Cpuinfo));
        Assert.Equal((4096, 0u, false), Attributes(Cpuinfo));
        Assert.Equal(FuseErrno.EINVAL, _files.Read(At(Cpuinfo, isForPageCache: true), 0, 0, new byte[4096], out _));
    }

    [Fact]
    public void What_is_known_of_pages_is_bounded()
    {
        for (ulong container = 1; container <= 20_000; container++)
        {
            Open((container << 16) | 17);
        }

        Assert.Equal(20_000, _expired.Count);
        // Forgotten, so it is read once more.
        Assert.Equal(OpenReplyFlags.None, Open((1 << 16) | 17));
    }

    private ProcFileSystem NewDaemon()
        => new(new ServedTree(_ => 4096, NoContainers.Instance), 1, _snapshots, _ => _source, new PageCache(() => _isUsable, _expired.Add));

    private OpenReplyFlags Open(ulong node)
    {
        Assert.Equal(FuseErrno.None, _files.Open(At(node), 0, out OpenReply reply));
        return reply.Flags;
    }

    private (long Size, uint Version, bool MayChange) Attributes(ulong node)
    {
        Assert.Equal(FuseErrno.None, _files.GetAttributes(At(node), out NodeAttributes attributes));
        return (attributes.Size, attributes.Version, attributes.MayChange);
    }

    private string ReadPage(ulong node, long offset)
    {
        byte[] page = new byte[4096];
        Assert.Equal(FuseErrno.None, _files.Read(At(node, isForPageCache: true), 0, offset, page, out int length));
        return Encoding.ASCII.GetString(page, 0, length);
    }

    private RequestContext At(ulong node, bool isForPageCache = false) => new(_request += 2, node, 1, 0, 0, 0, isForPageCache);

    private sealed class StillSource : ITextSource
    {
        public string Text { get; set; } = "0123456789";

        public long Number { get; set; } = 11;

        public bool HasEnded { get; set; }

        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
            => output.Write(Encoding.ASCII.GetBytes($"render {container} {file.Path}"));

        public bool TryRenderOwn(IProcFile file, ulong container, TextBuffer output)
        {
            if (!HasEnded)
            {
                Render(file, container, 0, output);
            }

            return !HasEnded;
        }

        public StillText? FindStill(IProcFile file, ulong container) => Number == 0 ? null : new StillText(Encoding.ASCII.GetBytes(Text), Number);
    }
}
