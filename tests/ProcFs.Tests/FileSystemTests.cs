using System.Text;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Registration;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Tests;

/// <summary>The tree as the kernel asks for it, without a mount.</summary>
public sealed class FileSystemTests : IDisposable
{
    private readonly CountingSource _source = new();
    private readonly SnapshotTable _snapshots = SnapshotTable.CreatePrivate(64);
    private readonly SnapshotTable _fewSnapshots = SnapshotTable.CreatePrivate(4);
    private readonly ProcFileSystem _files;
    private ulong _request;

    public FileSystemTests() => _files = new ProcFileSystem(new ServedTree(path => path.Length, NoContainers.Instance), workers: 2, _fewSnapshots, _ => _source);

    public void Dispose()
    {
        _snapshots.Dispose();
        _fewSnapshots.Dispose();
    }

    [Fact]
    public void Every_served_file_is_found_by_its_path_and_listed_there()
    {
        foreach ((ushort number, IProcFile file) in ProcFiles.All)
        {
            ulong node = NodeAttributes.RootNodeId;
            foreach (string name in (string[])["common", .. file.Path.Split('/')])
            {
                Assert.Contains(name, List(node));
                Assert.Equal(FuseErrno.None, _files.Lookup(At(node), Encoding.ASCII.GetBytes(name), out NodeAttributes found));
                node = found.NodeId;
            }

            Assert.Equal(number, node);
            Assert.Equal(FuseErrno.None, _files.GetAttributes(At(node), out NodeAttributes attributes));
            ushort permissions = file.OnlyForRoot ? (ushort)0x100 : file.TriggersOn is null ? NodeAttributes.ReadableByAll : NodeAttributes.WritableByAll;
            Assert.Equal((NodeKind.RegularFile, permissions, file.Path.Length),
                (attributes.Kind, attributes.Permissions, attributes.Size));
        }
    }

    [Fact]
    public void Node_numbers_are_what_they_have_always_been()
        => Assert.Equal("16 proc/meminfo,17 proc/cpuinfo,18 proc/uptime,19 proc/stat,20 proc/diskstats,21 proc/swaps,22 proc/loadavg,23 proc/vmstat,24 proc/slabinfo,"
            + "25 proc/pressure/cpu,26 proc/pressure/io,27 proc/pressure/memory,28 proc/pressure/irq,64 sys/devices/system/cpu/online,"
            + "65 sys/devices/system/cpu/possible,66 sys/devices/system/cpu/present,67 sys/devices/system/cpu/offline,"
            + "68 sys/devices/system/cpu/kernel_max,69 sys/devices/system/cpu/isolated,70 sys/devices/system/cpu/enabled,71 sys/devices/system/cpu/nohz_full",
            string.Join(',', ProcFiles.All.Select(entry => $"{entry.Number} {entry.File.Path}")));

    [Fact]
    public void The_hook_knows_what_is_served()
        => Assert.Equal(AttachedNames.Of(ProcFiles.All).Files.Order(StringComparer.Ordinal), ProcFs.Hook.Hooking.ServedFiles.All.Order(StringComparer.Ordinal));

    [Fact]
    public void What_a_host_does_not_serve_is_in_no_directory()
    {
        ServedTree tree = new(path => path.Length, NoContainers.Instance, [.. ProcFiles.All.Where(entry => entry.File.Path == "proc/meminfo")]);
        ProcFileSystem files = new(tree, workers: 1, _snapshots, _ => _source);
        Assert.Equal(FuseErrno.ENOENT, files.Lookup(At(NodeId.ContainerRoot), "sys"u8, out _));
        Assert.Equal(FuseErrno.ENOENT, files.Lookup(At(NodeId.Proc), "stat"u8, out _));
        Assert.Equal(FuseErrno.ENOENT, files.Open(At(19), 0, out _));
        Assert.Equal(FuseErrno.None, files.Lookup(At(NodeId.Proc), "meminfo"u8, out _));
    }

    [Fact]
    public void What_is_not_there_is_ENOENT()
    {
        Assert.Equal(FuseErrno.ENOENT, _files.Lookup(At(1), "self"u8, out _));
        Assert.Equal(FuseErrno.ENOENT, _files.Lookup(At(4711), "proc"u8, out _));
        Assert.Equal(FuseErrno.ENOTDIR, _files.Lookup(At(16), "x"u8, out _));
        Assert.Equal(FuseErrno.ENOENT, _files.GetAttributes(At(NodeId.Of(7, NodeId.Root)), out _));
        Assert.Equal(FuseErrno.ENOENT, _files.GetAttributes(At(NodeId.Of(7, NodeId.Containers)), out _));
        Assert.Equal(FuseErrno.ENOENT, _files.Lookup(At(NodeId.Containers), "7"u8, out _));
        Assert.Equal(FuseErrno.ENOENT, _files.Open(At(99), 0, out _));
        Assert.Equal(FuseErrno.EISDIR, _files.Open(At(1), 0, out _));
        Assert.Equal(FuseErrno.ENOENT, _files.Read(At(99), 0, 0, new byte[1], out _));
        Assert.Equal(FuseErrno.EISDIR, _files.Read(At(2), 0, 0, new byte[1], out _));
    }

    [Fact]
    public void Reads_beyond_the_start_are_slices_of_one_text()
    {
        ulong handle = Open();
        Assert.Equal("render 1", Read(handle, 0, 100));
        Assert.Equal("nder 1", Read(handle, 2, 100));
        Assert.Equal("de", Read(handle, 3, 2));
        Assert.Equal("", Read(handle, 8, 100));
        Assert.Equal("", Read(handle, long.MaxValue, 100));
        Assert.Equal("render 2", Read(handle, 0, 100));
        Assert.Equal("2", Read(handle, 7, 100));
    }

    [Fact]
    public void Nothing_goes_into_the_page_cache_that_containers_share()
    {
        RequestContext cacheFill = new(2, 16, 1, 0, 0, 0, isForPageCache: true);
        Assert.Equal(FuseErrno.EINVAL, _files.Read(cacheFill, Open(), 0, new byte[100], out int length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void Two_open_files_have_texts_of_their_own()
    {
        (ulong one, ulong other) = (Open(), Open());
        Assert.Equal("render 1", Read(one, 0, 100));
        Assert.Equal("render 2", Read(other, 0, 100));
        Assert.Equal("render 1"[4..], Read(one, 4, 100));
    }

    [Fact]
    public void A_handle_that_nobody_knows_gets_a_text_made_for_it()
    {
        Assert.Equal("render 1", Read(0, 0, 100));
        Assert.Equal("er 2", Read(ulong.MaxValue, 4, 100));
        ulong handle = Open();
        _files.Release(At(16), handle);
        _files.Release(At(16), handle);
        Assert.Equal("render 3", Read(handle, 0, 100));
        Assert.Equal(0, _files.OpenFiles);
    }

    [Fact]
    public void A_full_table_gives_the_oldest_entry_away()
    {
        ulong[] handles = [.. Enumerable.Range(0, 5).Select(_ => Open())];
        Assert.Equal(5, handles.Distinct().Count());
        Assert.Equal(4, _files.OpenFiles);
        Assert.Equal("render 1", Read(handles[4], 0, 100));
        Assert.Equal("render 2", Read(handles[0], 0, 100));
        Assert.Equal("render 1"[2..], Read(handles[4], 2, 100));
        foreach (ulong handle in handles)
        {
            _files.Release(At(16), handle);
        }

        Assert.Equal(0, _files.OpenFiles);
    }

    [Fact]
    public void Handles_survive_a_storm_of_threads()
    {
        ProcFileSystem files = new(new ServedTree(_ => 4096, NoContainers.Instance), workers: 4, _snapshots, _ => new CountingSource());
        Parallel.For(0, 4, worker =>
        {
            Random random = new(worker);
            Queue<ulong> open = new();
            for (int i = 0; i < 20_000; i++)
            {
                if (open.Count < 30 && random.Next(2) == 0)
                {
                    files.Open(At(16, worker), 0, out OpenReply reply);
                    open.Enqueue(reply.Handle);
                }
                else if (open.TryDequeue(out ulong handle))
                {
                    byte[] text = new byte[32];
                    Assert.Equal(FuseErrno.None, files.Read(At(16, worker), handle, 0, text, out int length));
                    Assert.StartsWith("render ", Encoding.ASCII.GetString(text, 0, length), StringComparison.Ordinal);
                    files.Release(At(16, worker), handle);
                }
            }

            while (open.TryDequeue(out ulong handle))
            {
                files.Release(At(16, worker), handle);
            }
        });
        Assert.Equal(0, files.OpenFiles);
    }

    [Fact]
    public void A_listing_goes_on_where_a_small_buffer_ended()
    {
        List<string> names = [];
        ulong offset = 0;
        while (true)
        {
            byte[] buffer = new byte[40];
            DirectoryWriter writer = new(buffer);
            _files.ReadDirectory(At(NodeId.Proc), offset, ref writer);
            if (writer.Length == 0)
            {
                break;
            }

            offset = BitConverter.ToUInt64(buffer, 8);
            names.Add(Encoding.ASCII.GetString(buffer, 24, (int)BitConverter.ToUInt32(buffer, 16)));
        }

        Assert.Equal([".", "..", "pressure", "meminfo", "cpuinfo", "uptime", "stat", "diskstats", "swaps", "loadavg", "vmstat", "slabinfo"], names);
    }

    private RequestContext At(ulong node, int worker = 0) => new(Interlocked.Add(ref _request, 2), node, 1, 0, 0, worker);

    private ulong Open()
    {
        Assert.Equal(FuseErrno.None, _files.Open(At(16), 0, out OpenReply reply));
        Assert.Equal(OpenReplyFlags.DirectIo, reply.Flags);
        return reply.Handle;
    }

    private string Read(ulong handle, long offset, int size)
    {
        byte[] text = new byte[size];
        Assert.Equal(FuseErrno.None, _files.Read(At(16), handle, offset, text, out int length));
        return Encoding.ASCII.GetString(text, 0, length);
    }

    private List<string> List(ulong node)
    {
        byte[] buffer = new byte[4096];
        DirectoryWriter writer = new(buffer);
        Assert.Equal(FuseErrno.None, _files.ReadDirectory(At(node), 0, ref writer));
        List<string> names = [];
        for (int at = 0; at < writer.Length;)
        {
            int length = (int)BitConverter.ToUInt32(buffer, at + 16);
            names.Add(Encoding.ASCII.GetString(buffer, at + 24, length));
            at += (24 + length + 7) & ~7;
        }

        return names;
    }

    private sealed class CountingSource : ITextSource
    {
        private int _count;

        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
        {
            output.Write("render "u8);
            output.Write(Interlocked.Increment(ref _count));
        }
    }
}
