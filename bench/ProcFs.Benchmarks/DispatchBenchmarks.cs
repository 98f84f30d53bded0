using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Benchmarks.Support;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Text;
using ProcFs.Tree;

namespace ProcFs.Benchmarks;

/// <summary>
/// Requests in, replies out, as bytes and without a kernel. The text is either a constant of the length of a meminfo, so that what is measured
/// is the protocol, or the meminfo of a registered container, a second after the last one.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class DispatchBenchmarks
{
    private BenchHost _host = null!;
    private SnapshotTable _snapshots = null!;
    private Requests _requests = null!;
    private ulong _kept;

    [Params("constant", "meminfo")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _host = new BenchHost("v1", 16);
        _snapshots = SnapshotTable.CreatePrivate(64);
        ITextSource source = Text == "constant" ? new ConstantText() : _host.Views.CreateRenderer();
        ProcFileSystem files = new(new ServedTree(_ => 4096, _host.Views.Registered), workers: 1, _snapshots, _ => source);
        ulong node = NodeId.Of(BenchHost.Number, ProcFiles.All.First(entry => entry.File == ProcFiles.Meminfo).Number);
        _requests = new Requests(new Dispatcher(files, new SessionParameters(minor: 40, flags: 0), NullLogger.Instance), node, BenchHost.Init);
        _kept = _requests.Open();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _snapshots.Dispose();
        _host.Dispose();
    }

    [Benchmark(Description = "GETATTR")]
    public int GetAttributes() => _requests.GetAttributes();

    [Benchmark(Description = "OPEN, RELEASE")]
    public int OpenAndRelease() => _requests.Release(_requests.Open());

    [Benchmark(Description = "READ at 0")]
    public int Read()
    {
        _host.Clock.NextSecond();
        return _requests.Read(_kept, 0);
    }

    [Benchmark(Description = "READ at the end")]
    public int ReadAtTheEnd() => _requests.Read(_kept, 1 << 20);

    [Benchmark(Description = "OPEN, READ, READ, RELEASE")]
    public int WholeFile()
    {
        _host.Clock.NextSecond();
        ulong handle = _requests.Open();
        int length = _requests.Read(handle, 0);
        return length + _requests.Read(handle, (ulong)length) + _requests.Release(handle);
    }

    private sealed class ConstantText : ITextSource
    {
        private readonly byte[] _text = new byte[1500];

        public void Render(IProcFile file, ulong container, uint threadId, TextBuffer output) => output.Write(_text);
    }
}
