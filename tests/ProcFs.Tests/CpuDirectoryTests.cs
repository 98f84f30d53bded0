using System.Globalization;
using System.Text;
using ProcFs.Cgroups;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Tests;

/// <summary>The directory sys/devices/system/cpu as the kernel asks for it: who sees which CPUs, and what is in them.</summary>
public sealed class CpuDirectoryTests : IDisposable
{
    private const string Cpu = "sys/devices/system/cpu";
    private const uint Ours = 10; // the thread of a container with the cgroup /c
    private const uint Hosts = 1;

    private readonly SnapshotTable _snapshots = SnapshotTable.CreatePrivate(64);
    private readonly HostTree _host = HostTree.V2();
    private ProcFileSystem? _files;
    private ulong _request;

    public CpuDirectoryTests()
    {
        _host.CpuDirectories(4).Process((int)Ours, 100000, "/c", "pid:[4026532001]", "mnt:[4026532002]", namespacePid: 1).WriteProcs("/c", "10\n");
        _host.Write(Cpu + "/smt/active", "1\n").Write(Cpu + "/vulnerabilities/l1tf", "Not affected\n").Write(Cpu + "/vulnerabilities/later", "Vulnerable\n");
        _host.Write(Cpu + "/cpu2/topology/die_id", "0\n").Write(Cpu + "/present", "0-3\n").Write(Cpu + "/modalias", "cpu:type:x86\n");
    }

    public void Dispose()
    {
        _snapshots.Dispose();
        _host.Dispose();
    }

    [Theory]
    [InlineData("max", "0-3", 4)]
    [InlineData("150000 100000", "0-3", 2)]
    [InlineData("50000 100000", "0-3", 1)]
    [InlineData("max", "1,3", 2)]
    public void There_are_as_many_as_the_reader_sees_and_they_are_directories(string quota, string cpuset, int count)
    {
        _host.Cgroup("/c", ("cpu.max", quota), ("cpuset.cpus.effective", cpuset));
        ulong directory = Find(Cpu)!.Value.NodeId;
        List<(string Name, uint Type, ulong Node)> entries = List(directory, 4096);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"cpu{i}"), entries.Where(IsCpu).Select(entry => entry.Name));
        Assert.All(entries.Where(IsCpu), entry => Assert.Equal(4u, entry.Type)); // DT_DIR
        Assert.All(entries.Where(entry => !IsCpu(entry) && entry.Name[0] != '.'), entry => Assert.Equal(entry.Name is "smt" or "vulnerabilities" ? 4u : 8u, entry.Type));
        for (int i = 0; i < 6; i++)
        {
            NodeAttributes? found = Find($"{Cpu}/cpu{i}");
            Assert.Equal(i < count, found is not null);
            Assert.Equal(entries.Where(entry => entry.Name == $"cpu{i}").Select(entry => entry.Node).SingleOrDefault(), found?.NodeId ?? 0);
            Assert.True(found is null or { NameMayChange: true, Kind: NodeKind.Directory });
        }
    }

    [Fact]
    public void Each_is_the_hosts_CPU_behind_in_the_containers_numbers()
    {
        _host.Cgroup("/c", ("cpuset.cpus.effective", "1,3"));
        // The host's: 0 and 1 in one package, 2 and 3 in the other; two threads a core.
        Assert.Equal("1\n", Read("cpu1/topology/physical_package_id"));
        Assert.Equal("0\n", Read("cpu0/topology/physical_package_id"));
        Assert.Equal("0\n", Read("cpu0/topology/thread_siblings_list"));
        Assert.Equal("1\n", Read("cpu1/topology/package_cpus_list"));
        Assert.Equal("2\n", Read("cpu1/topology/thread_siblings"));
        Assert.Equal("1\n", Read("cpu0/cache/index3/shared_cpu_map"));
        Assert.Equal("3\n", Read("cpu0/cache/index3/level"));
        Assert.Equal("1\n", Read("cpu1/online"));
        Assert.Equal("DRIVER=processor\n", Read("cpu1/uevent"));
    }

    [Fact]
    public void CPUs_that_share_something_still_do()
    {
        _host.Cgroup("/c", ("cpuset.cpus.effective", "0,2-3"));
        Assert.Equal("1-2\n", Read("cpu1/topology/thread_siblings_list"));
        Assert.Equal("6\n", Read("cpu2/topology/package_cpus"));
        Assert.Equal("0\n", Read("cpu0/cache/index0/shared_cpu_list"));
    }

    [Fact]
    public void A_name_is_there_when_it_is_known_and_the_host_has_it()
    {
        _host.Cgroup("/c", ("cpuset.cpus.effective", "0-3"));
        Assert.Equal(["cache", "online", "topology", "uevent"], Names("cpu1"));
        Assert.Equal(["cache", "topology", "uevent"], Names("cpu0")); // nobody can take it off
        Assert.Equal(["core_id", "package_cpus", "package_cpus_list", "physical_package_id", "thread_siblings", "thread_siblings_list"], Names("cpu1/topology"));
        Assert.Contains("die_id", Names("cpu2/topology"));
        Assert.Equal(["index0", "index3"], Names("cpu3/cache"));
        Assert.Equal(["active"], Names("smt"));
        Assert.Equal(["l1tf"], Names("vulnerabilities"));
        foreach (string missing in new[] { "cpu0/online", "cpu1/crash_notes", "cpu1/topology/die_id", "cpu0/cache/index1", "cpu0/cpufreq", "vulnerabilities/later", "smt/control", "cpu00", "cpu", "cpu-1", "cpu4", "cpu65535", "node0" })
        {
            Assert.Null(Find($"{Cpu}/{missing}"));
        }

        Assert.Equal("", Read("uevent"));
        Assert.Equal("1\n", Read("smt/active"));
        Assert.Equal("cpu:type:x86\n", Read("modalias"));
    }

    [Fact]
    public void Every_node_that_is_listed_is_found_and_read_and_its_parent_is_right()
    {
        _host.Cgroup("/c", ("cpuset.cpus.effective", "1-3"));
        HashSet<ulong> seen = [];
        int files = Walk($"{Cpu}", Find(Cpu)!.Value.NodeId, seen);
        const int beside = 12;
        const int ofEach = 1 + 6 + 6; // uevent, topology, two caches
        Assert.Equal(beside + (3 * ofEach) + 2 + 1, files); // two can be taken off, and one has a die_id

        int Walk(string path, ulong node, HashSet<ulong> visited)
        {
            int count = 0;
            List<(string Name, uint Type, ulong Node)> entries = List(node, 200);
            Assert.Equal((".", node), (entries[0].Name, entries[0].Node));
            Assert.Equal(Find(path[..path.LastIndexOf('/')])!.Value.NodeId, entries[1].Node);
            foreach ((string name, uint type, ulong child) in entries[2..])
            {
                Assert.True(visited.Add(child), $"{path}/{name} has the number of another");
                Assert.Equal(child, Find($"{path}/{name}")!.Value.NodeId);
                count += type == 4 ? Walk($"{path}/{name}", child, visited) : Read($"{path}/{name}"[(Cpu.Length + 1)..]) is null ? 0 : 1;
            }

            return count;
        }
    }

    [Fact]
    public void The_listing_of_8192_goes_on_through_many_small_buffers()
    {
        using Host.HostCpus none = new("/nowhere");
        ManyCpus source = new(none) { Count = 8192 };
        ProcFileSystem files = new(new ServedTree(_ => 4096, NoContainers.Instance), 1, _snapshots, _ => source);
        List<string> names = [];
        ulong offset = 0;
        for (int calls = 0; ; calls++)
        {
            byte[] buffer = new byte[1000];
            DirectoryWriter writer = new(buffer);
            Assert.Equal(FuseErrno.None, files.ReadDirectory(At(NodeId.SysDevicesSystemCpu, 7), offset, ref writer));
            List<(string Name, uint Type, ulong Node)> part = Entries(buffer.AsSpan(0, writer.Length), ref offset);
            if (part.Count == 0)
            {
                break;
            }

            names.AddRange(part.Select(entry => entry.Name));
            source.Count = calls == 10 ? 8000 : source.Count; // some are taken away meanwhile
        }

        Assert.Equal(Enumerable.Range(0, 8000).Select(i => $"cpu{i}"), names.Where(name => name.StartsWith("cpu", StringComparison.Ordinal)));
    }

    [Fact]
    public void Numbers_of_nodes_are_what_they_have_always_been()
    {
        Assert.Equal(0x0001_0000_0000_0100ul, NodeId.Of(0, 256, 0));
        Assert.Equal(0x2000_0000_0007_0210ul, NodeId.Of(7, 528, 8191));
        Assert.Equal((7ul, (ushort)528, 8191), (NodeId.ContainerOf(0x2000_0000_0007_0210), NodeId.FileOf(0x2000_0000_0007_0210), NodeId.CpuOf(0x2000_0000_0007_0210)));
        Assert.Equal(NodeId.NoCpu, NodeId.CpuOf(NodeId.Of(uint.MaxValue, ushort.MaxValue)));
        Assert.Equal((uint.MaxValue, NodeId.MaxCpu), ((uint)NodeId.ContainerOf(NodeId.Of(uint.MaxValue, 1, NodeId.MaxCpu)), NodeId.CpuOf(NodeId.Of(uint.MaxValue, 1, NodeId.MaxCpu))));
        IEnumerable<(int Number, string Path)> all = CpuFiles.All.Select(file => ((int)file.Number, file.Path))
            .Concat(CpuFiles.CpuDirectories.Select(directory => ((int)directory.Number, directory.Path))).Concat(CpuFiles.Directories.Select(directory => ((int)directory.Number, directory.Path)));
        string list = string.Join('\n', all.OrderBy(entry => entry.Number).Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Number} {entry.Path}")));
        Assert.Equal(File.ReadAllText(Path.Combine(Fixtures.Root, "node-numbers.txt")).TrimEnd(), list);
        Assert.Equal(all.Count(), all.Select(entry => entry.Number).Distinct().Count());
    }

    [Fact]
    public void A_node_of_a_CPU_needs_one_and_others_have_none()
    {
        Assert.Equal(FuseErrno.ENOENT, Files.GetAttributes(At(NodeId.Of(0, 256), Ours), out _));
        Assert.Equal(FuseErrno.ENOENT, Files.GetAttributes(At(NodeId.Of(0, 528), Ours), out _));
        Assert.Equal(FuseErrno.ENOENT, Files.GetAttributes(At(NodeId.Of(0, 16, cpu: 0), Ours), out _));
        Assert.Equal(FuseErrno.None, Files.GetAttributes(At(NodeId.Of(0, 528, cpu: 3), Ours), out NodeAttributes attributes));
        Assert.Equal((NodeId.Of(0, 528, cpu: 3), 4096, false), (attributes.NodeId, attributes.Size, attributes.NameMayChange));
    }

    [Fact]
    public void One_that_is_taken_away_has_no_files_but_what_is_open_keeps_its_text()
    {
        _host.Cgroup("/c", ("cpuset.cpus.effective", "0-3"));
        ulong node = Find($"{Cpu}/cpu3/topology/core_id")!.Value.NodeId;
        ulong directory = Find($"{Cpu}/cpu3/topology")!.Value.NodeId;
        Assert.Equal(FuseErrno.None, Files.Open(At(node, Ours), 0, out OpenReply read));
        Assert.Equal(FuseErrno.None, Files.Open(At(node, Ours), 0, out OpenReply unread));
        Assert.Equal("0\n", Text(node, read.Handle, 0));
        _host.Write("sys/fs/cgroup/c/cpuset.cpus.effective", "0-1\n");
        Assert.Equal("0\n", Text(node, read.Handle, 0));
        Assert.Equal(FuseErrno.ENODEV, Files.Read(At(node, Ours), unread.Handle, 0, new byte[10], out _));
        Assert.Equal(FuseErrno.ENOENT, Files.Open(At(node, Ours), 0, out _));
        Assert.Equal(FuseErrno.ENOENT, Files.Lookup(At(directory, Ours), "core_id"u8, out _));
        DirectoryWriter writer = new(new byte[1000]);
        Assert.Equal(FuseErrno.ENOENT, Files.ReadDirectory(At(directory, Ours), 0, ref writer));
        _host.Write("sys/fs/cgroup/c/cpuset.cpus.effective", "0-3\n");
        Assert.Equal("0\n", Text(node, unread.Handle, 0));
    }

    [Fact]
    public void Asking_for_a_CPU_and_reading_its_file_allocates_nothing()
    {
        _host.Cgroup("/c", ("cpuset.cpus.effective", "1-3"), ("cpu.max", "200000 100000"));
        Serving.ViewRenderer renderer = _host.FixedClockRenderer();
        CpuFile[] files = [.. CpuFiles.All.Where(file => file.Path is "topology/package_cpus" or "topology/package_cpus_list" or "topology/core_id" or "smt/active")];
        TextBuffer output = new();
        Assert.Equal(4, files.Length);
        RenderAll(200);
        Assert.NotEqual(0, output.Length);
        Allocated.AssertNone(() => RenderAll(500));

        void RenderAll(int times)
        {
            for (int i = 0; i < times; i++)
            {
                output.Clear();
                bool isAll = renderer.See(0, Ours).Sees(1);
                foreach (CpuFile file in files)
                {
                    isAll &= renderer.TryRender(file, file.IsPerCpu ? 1 : NodeId.NoCpu, 0, Ours, output);
                }

                Assert.True(isAll);
            }
        }
    }

    [Fact]
    public void Nothing_goes_into_the_page_cache()
    {
        ulong node = Find($"{Cpu}/cpu0/topology/core_id")!.Value.NodeId;
        Assert.Equal(FuseErrno.EINVAL, Files.Read(new RequestContext(2, node, Ours, 0, 0, 0, isForPageCache: true), 0, 0, new byte[10], out _));
        Assert.Equal(FuseErrno.EISDIR, Files.Open(At(Find($"{Cpu}/cpu0")!.Value.NodeId, Ours), 0, out _));
        Assert.Equal(FuseErrno.EISDIR, Files.Read(At(Find($"{Cpu}/cpu0")!.Value.NodeId, Ours), 0, 0, new byte[10], out _));
        Assert.Equal(FuseErrno.ENOTDIR, Files.Lookup(At(node, Ours), "x"u8, out _));
    }

    [Fact]
    public void The_host_sees_its_own_with_gaps_and_offline_CPUs()
    {
        _host.Write(Cpu + "/online", "0,2-3\n").Write(Cpu + "/cpu2/topology/thread_siblings_list", "2-3\n").Write(Cpu + "/cpu1/online", "0\n");
        Assert.Equal(["cpu0", "cpu1", "cpu2", "cpu3"], Names("", Hosts).Where(name => name.StartsWith("cpu", StringComparison.Ordinal)));
        Assert.Equal("2-3\n", Read("cpu2/topology/thread_siblings_list", Hosts));
        Assert.Equal("0\n", Read("cpu1/online", Hosts));
        Assert.Equal("1\n", Read("cpu0/online", Hosts)); // this host's can be taken off
        Assert.Equal("1\n", Read("cpu1/online", Ours));
        Assert.Equal("0\n", Read("cpu0/topology/thread_siblings_list", Ours));
        Assert.Equal("1-2\n", Read("cpu1/topology/thread_siblings_list", Ours)); // behind it is the host's CPU 2
    }

    [Fact]
    public void No_number_of_the_host_beyond_the_visible_ones_is_in_any_text()
    {
        using HostTree host = HostTree.V2();
        host.CpuDirectories(64).Write(Cpu + "/online", "0-63\n").Write("proc/cpuinfo", HostTexts.Cpuinfo(64)).Write("proc/stat", HostTexts.Stat(64));
        host.Cgroup("/c", ("cpuset.cpus.effective", "30-33,61-63"), ("cpu.max", "500000 100000"));
        TextBuffer output = new();
        SeenCpus seen = host.SeeCgroup("/c");
        byte[] scratch = new byte[100];
        int texts = 0;
        foreach (CpuFile file in CpuFiles.All.Where(file => file is { IsPerCpu: true, Text: CpuText.List or CpuText.Mask or CpuText.Numbers }))
        {
            for (int cpu = 0; cpu < 5; cpu++)
            {
                output.Clear();
                if (seen.TryRender(file, cpu, ref scratch, output))
                {
                    texts++;
                    string text = Encoding.ASCII.GetString(output.Text).TrimEnd('\n');
                    string list = file.Text == CpuText.Mask ? string.Join(',', Enumerable.Range(0, 64).Where(bit => (Convert.ToUInt64(text, 16) >> bit & 1) != 0)) : text;
                    Assert.True(CpuSet.TryParse(list, out CpuSet set) && set.Contains(cpu) && set[set.Count - 1] < 5, $"{file.Path} of cpu{cpu}: {text}");
                }
            }
        }

        Assert.Equal(5 * 8, texts);
        Assert.False(seen.Sees(5));
    }

    private ProcFileSystem Files => _files ??= new ProcFileSystem(
        new ServedTree(_ => 4096, NoContainers.Instance, hasBesideCpus: name => File.Exists(_host.Path($"{Cpu}/{name}")) || Directory.Exists(_host.Path($"{Cpu}/{name}"))),
        workers: 1, _snapshots, _ => _host.Renderer);

    private static bool IsCpu((string Name, uint Type, ulong Node) entry) => entry.Name.StartsWith("cpu", StringComparison.Ordinal);

    private RequestContext At(ulong node, uint thread) => new(_request += 2, node, thread, 0, 0, 0);

    private NodeAttributes? Find(string path, uint thread = Ours)
    {
        NodeAttributes found = NodeAttributes.Directory(NodeId.ContainerRoot);
        foreach (string name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            FuseErrno error = Files.Lookup(At(found.NodeId, thread), Encoding.ASCII.GetBytes(name), out found);
            if (error != FuseErrno.None)
            {
                Assert.Equal(FuseErrno.ENOENT, error);
                return null;
            }
        }

        return found;
    }

    private IEnumerable<string> Names(string path, uint thread = Ours)
        => List(Find($"{Cpu}/{path}", thread)!.Value.NodeId, 4096, thread).Select(entry => entry.Name).Where(name => name[0] != '.').Order(StringComparer.Ordinal);

    private string Read(string path, uint thread = Ours)
    {
        ulong node = Find($"{Cpu}/{path}", thread)!.Value.NodeId;
        Assert.Equal(FuseErrno.None, Files.Open(At(node, thread), 0, out OpenReply reply));
        string text = Text(node, reply.Handle, 0, thread);
        Assert.Equal(text.Length > 1 ? text[1..] : "", Text(node, reply.Handle, 1, thread));
        Files.Release(At(node, thread), reply.Handle);
        return text;
    }

    private string Text(ulong node, ulong handle, long offset, uint thread = Ours)
    {
        byte[] text = new byte[4096];
        Assert.Equal(FuseErrno.None, Files.Read(At(node, thread), handle, offset, text, out int length));
        return Encoding.ASCII.GetString(text, 0, length);
    }

    private List<(string Name, uint Type, ulong Node)> List(ulong node, int size, uint thread = Ours)
    {
        List<(string, uint, ulong)> all = [];
        for (ulong offset = 0; ;)
        {
            byte[] buffer = new byte[size];
            DirectoryWriter writer = new(buffer);
            Assert.Equal(FuseErrno.None, Files.ReadDirectory(At(node, thread), offset, ref writer));
            List<(string, uint, ulong)> part = Entries(buffer.AsSpan(0, writer.Length), ref offset);
            if (part.Count == 0)
            {
                return all;
            }

            all.AddRange(part);
        }
    }

    private static List<(string Name, uint Type, ulong Node)> Entries(ReadOnlySpan<byte> records, ref ulong offset)
    {
        List<(string, uint, ulong)> entries = [];
        while (!records.IsEmpty)
        {
            int length = (int)BitConverter.ToUInt32(records[16..]);
            offset = BitConverter.ToUInt64(records[8..]);
            entries.Add((Encoding.ASCII.GetString(records.Slice(24, length)), BitConverter.ToUInt32(records[20..]), BitConverter.ToUInt64(records)));
            records = records[((24 + length + 7) & ~7)..];
        }

        return entries;
    }

    private sealed class ManyCpus(Host.HostCpus host) : ITextSource
    {
        public int Count { get; set; }

        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output)
        {
        }

        public SeenCpus See(ulong container, uint threadId)
            => SeenCpus.OfContainer(Containers.CpuView.Of(null, null, CpuSet.FirstOf(Count), default, null), host);
    }
}
