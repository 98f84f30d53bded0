using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Host;
using ProcFs.Registration;
using ProcFs.Sampling;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Tests.Support;

/// <summary>What a daemon knows of a host tree, open to be looked at, and with a clock of the test's. Any number of workers share it.</summary>
internal sealed class Daemonless : IDisposable
{
    private readonly HostRoots _roots;
    private readonly CallerContext _callers;
    private readonly SharedCpuinfo _cpuinfo;
    private readonly List<HostView> _hosts = [];
    private readonly Reuse _reuse;
    private readonly MadeTexts _made;
    private readonly DescriptorPool _pool = new(256);

    public Daemonless(HostTree host, ViewOptions? options = null, History? history = null, Reuse reuse = default)
    {
        _reuse = reuse;
        _made = new MadeTexts(new RenderedTexts(reuse.TextsNs), new StillTexts());
        _roots = HostRoots.From(host.Path("proc"), host.Path("sys/fs/cgroup"));
        Settings = new ViewSettings(options ?? new ViewOptions(), Registered);
        Tree = new CgroupTree(CgroupLayout.Discover(_roots.Proc, _roots.Cgroup), _pool);
        Table = new ContainerTable(Tree, Clock, history);
        ProcRoot proc = new(_roots.Proc);
        using ProcessDirectory self = ProcessDirectory.OpenSelf(proc);
        _cpuinfo = new SharedCpuinfo(new HostFile(Path.Combine(_roots.Proc, "cpuinfo"), Clock));
        _callers = new CallerContext(proc, Tree.Layout, Table, new CallerCache(Clock), Settings.Options.MostThreads)
        {
            HostPidNamespace = self.Namespace("ns/pid\0"u8),
            HostMountNamespace = self.Namespace("ns/mnt\0"u8),
            HostTimeNamespace = 0,
            Unknown = NewView(),
        };
    }

    public TestClock Clock { get; } = new();

    public CgroupTree Tree { get; }

    public ContainerTable Table { get; }

    public RegisteredContainers Registered { get; } = new();

    public ViewSettings Settings { get; }

    /// <summary>Of a container without controllers that nobody else has.</summary>
    public CallerView NewView() => new(new Container(Tree.Open(CgroupPaths.None(Tree.Layout)), null, null), false);

    public Worker NewWorker()
    {
        HostView host = new(_roots, Clock, _cpuinfo, ProcFiles.All.Select(entry => entry.File.Path));
        _hosts.Add(host);
        return new Worker(new ViewRenderer(
            new CallerResolver(_callers, _reuse.CallersNs, Clock), _callers, Registered, new SnapshotReader(_callers.Proc, host, Settings), _made, new LongWork(), _ => { }));
    }

    /// <summary>Gives all kept descriptors up now: a test that makes many of these would run out of them.</summary>
    public void Close()
    {
        while (_pool.Count > 0)
        {
            _pool.MakeRoom();
        }
    }

    public void Dispose()
    {
        _hosts.ForEach(host => host.Dispose());
        _cpuinfo.Dispose();
        _callers.Proc.Dispose();
    }

    /// <summary>What one thread of a daemon has for itself.</summary>
    internal sealed class Worker(ViewRenderer renderer)
    {
        private readonly TextBuffer _output = new();

        public ViewRenderer Renderer => renderer;

        public string ShowTo(int threadId, string file, ulong container = 0)
        {
            _output.Clear();
            renderer.Render(ProcFiles.Find(file)!, container, (uint)threadId, _output);
            return System.Text.Encoding.Latin1.GetString(_output.Text);
        }

        /// <summary>Valid until the next call.</summary>
        public ReadOnlySpan<byte> ShowBytesTo(int threadId, string file)
        {
            _output.Clear();
            renderer.Render(ProcFiles.Find(file)!, 0, (uint)threadId, _output);
            return _output.Text;
        }

        public string Show(string file, string cgroup = "/c") => System.Text.Encoding.Latin1.GetString(ShowBytes(file, cgroup));

        /// <summary>Valid until the next call.</summary>
        public ReadOnlySpan<byte> ShowBytes(string file, string cgroup = "/c")
        {
            _output.Clear();
            renderer.RenderCgroup(ProcFiles.Find(file)!, cgroup, _output);
            return _output.Text;
        }
    }
}
