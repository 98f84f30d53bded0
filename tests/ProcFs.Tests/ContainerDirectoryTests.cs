using System.Text;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Registration;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Tests;

/// <summary>c/: one directory for each registered container, as the kernel asks for it.</summary>
public sealed class ContainerDirectoryTests : IDisposable
{
    private readonly SnapshotTable _snapshots = SnapshotTable.CreatePrivate(8);
    private readonly RegisteredContainers _containers = new();
    private readonly NamingSource _source = new();
    private readonly ProcFileSystem _files;
    private ulong _request;

    public ContainerDirectoryTests() => _files = new ProcFileSystem(new ServedTree(_ => 4096, _containers), workers: 1, _snapshots, _ => _source);

    public void Dispose() => _snapshots.Dispose();

    [Fact]
    public void A_registered_container_has_every_file_and_its_number_in_every_node()
    {
        Register(7, "a");
        foreach ((ushort file, IProcFile served) in ProcFiles.All)
        {
            ulong node = NodeId.Root;
            foreach (string name in (string[])["c", "7", .. served.Path.Split('/')])
            {
                Assert.Contains((name, Look(node, name)), List(node));
                node = Look(node, name);
            }

            Assert.Equal(NodeId.Of(7, file), node);
        }
    }

    [Fact]
    public void Reading_asks_for_that_container_whoever_reads()
    {
        Register(7, "a");
        Assert.Equal("proc/stat of 7 for 4711", Read(NodeId.Of(7, 19)));
        Assert.Equal("proc/stat of 0 for 4711", Read(NodeId.Of(0, 19)));
    }

    [Fact]
    public void A_file_of_a_container_that_has_ended_can_still_be_read()
    {
        RegisteredContainer ended = Register(7, "a");
        Assert.True(_containers.Remove(ended));
        Assert.False(_containers.Remove(ended));
        Assert.Equal(FuseErrno.ENOENT, _files.Lookup(At(NodeId.Containers), "7"u8, out _));
        Assert.Equal("proc/stat of 7 for 4711", Read(NodeId.Of(7, 19)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("07")]
    [InlineData("+7")]
    [InlineData("-7")]
    [InlineData("7 ")]
    [InlineData("7x")]
    [InlineData("8")]
    [InlineData("4294967303")] // 7 + 2^32: likewise
    [InlineData("281474976710663")] // 7 + 2^48: the same node id, were it cut off
    [InlineData("18446744073709551623")]
    public void Nothing_else_is_a_name_of_it(string name)
    {
        Register(7, "a");
        Assert.Equal(FuseErrno.ENOENT, _files.Lookup(At(NodeId.Containers), Encoding.ASCII.GetBytes(name), out _));
    }

    [Fact]
    public void The_parents_are_those_of_the_tree()
    {
        Register(7, "a");
        Assert.Equal(NodeId.Containers, List(NodeId.Of(7, NodeId.ContainerRoot))[1].Node);
        Assert.Equal(NodeId.Of(7, NodeId.ContainerRoot), List(NodeId.Of(7, NodeId.Proc))[1].Node);
        Assert.Equal(NodeId.Root, (ushort)List(NodeId.Containers)[1].Node);
        Assert.Equal(NodeId.Root, (ushort)List(NodeId.ContainerRoot)[1].Node);
    }

    [Fact]
    public void The_listing_is_in_the_order_of_numbers_and_goes_on_while_containers_come_and_go()
    {
        RegisteredContainer[] all = [.. Enumerable.Range(1, 300).Select(number => Register((ulong)number * 3, $"c{number}"))];
        List<ulong> seen = [];
        ulong offset = 0;
        for (int call = 0; ; call++)
        {
            List<(string Name, ulong Node)> part = List(NodeId.Containers, ref offset, 200);
            if (part.Count == 0)
            {
                break;
            }

            seen.AddRange(part.Where(entry => entry.Name[0] != '.').Select(entry => ulong.Parse(entry.Name)));
            if (call == 3)
            {
                _containers.Remove(all[0]);
                _containers.Remove(all[150]);
                Register(1, "late and below");
                Register(10_000, "late and above");
            }
        }

        Assert.Equal(Enumerable.Range(1, 300).Where(number => number != 151).Select(number => (ulong)number * 3).Append(10_000ul), seen);
    }

    [Fact]
    public void Two_containers_of_one_name_have_both_their_directories_and_the_name_means_the_later()
    {
        RegisteredContainer first = Register(7, "a");
        RegisteredContainer second = Register(8, "a");
        Assert.Equal(["7", "8"], List(NodeId.Containers).Select(entry => entry.Name).Where(name => name[0] != '.'));
        Assert.Same(second, _containers.Find("a"));
        Assert.True(_containers.Remove(first));
        Assert.Same(second, _containers.Find("a"));
        Assert.Equal(1, _containers.Count);
    }

    private RegisteredContainer Register(ulong number, string name)
    {
        RegisteredContainer container = new(number, new RegistrationKey(name, 1, number), _ => null);
        _containers.Add(container);
        return container;
    }

    private RequestContext At(ulong node) => new(_request += 2, node, 4711, 0, 0, 0);

    private ulong Look(ulong node, string name)
    {
        Assert.Equal(FuseErrno.None, _files.Lookup(At(node), Encoding.ASCII.GetBytes(name), out NodeAttributes found));
        Assert.Equal(FuseErrno.None, _files.GetAttributes(At(found.NodeId), out NodeAttributes again));
        Assert.Equal(found, again);
        return found.NodeId;
    }

    private string Read(ulong node)
    {
        Assert.Equal(FuseErrno.None, _files.Open(At(node), 0, out OpenReply reply));
        byte[] text = new byte[100];
        Assert.Equal(FuseErrno.None, _files.Read(At(node), reply.Handle, 0, text, out int length));
        _files.Release(At(node), reply.Handle);
        return Encoding.ASCII.GetString(text, 0, length);
    }

    private List<(string Name, ulong Node)> List(ulong node)
    {
        ulong offset = 0;
        return List(node, ref offset, 8192);
    }

    private List<(string Name, ulong Node)> List(ulong node, ref ulong offset, int size)
    {
        byte[] buffer = new byte[size];
        DirectoryWriter writer = new(buffer);
        Assert.Equal(FuseErrno.None, _files.ReadDirectory(At(node), offset, ref writer));
        List<(string, ulong)> entries = [];
        for (int at = 0; at < writer.Length;)
        {
            int length = (int)BitConverter.ToUInt32(buffer, at + 16);
            entries.Add((Encoding.ASCII.GetString(buffer, at + 24, length), BitConverter.ToUInt64(buffer, at)));
            offset = BitConverter.ToUInt64(buffer, at + 8);
            at += (24 + length + 7) & ~7;
        }

        return entries;
    }

    private sealed class NamingSource : ITextSource
    {
        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
            => output.Write(Encoding.ASCII.GetBytes($"{file.Path} of {container} for {threadId}"));
    }
}
