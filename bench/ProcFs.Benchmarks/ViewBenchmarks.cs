using BenchmarkDotNet.Attributes;
using ProcFs.Benchmarks.Support;
using ProcFs.Files;
using ProcFs.Serving;
using ProcFs.Text;

namespace ProcFs.Benchmarks;

/// <summary>
/// All that a worker does for the READ at the start of a file: whose container, its cgroup, the host's files, the text. Cold: a second has
/// passed since the last one. Repeated: no time has.
/// </summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class ViewBenchmarks
{
    private readonly TextBuffer _output = new();
    private BenchHost _host = null!;
    private ViewRenderer _renderer = null!;
    private IProcFile _file = null!;
    private ulong _container;

    [Params("v1", "v2")]
    public string Version { get; set; } = "";

    [Params(2, 128)]
    public int Cpus { get; set; }

    [Params("meminfo", "stat", "cpuinfo", "uptime", "diskstats", "cpu/online")]
    public string File { get; set; } = "";

    /// <summary>A registered container's file, or a common one, whose reader is looked up.</summary>
    [Params("registered", "common")]
    public string Place { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _host = new BenchHost(Version, Cpus);
        _renderer = _host.Views.CreateRenderer();
        _file = ProcFiles.Find(File)!;
        _container = Place == "registered" ? BenchHost.Number : 0;
        if (Repeated() == 0)
        {
            throw new InvalidOperationException($"{File} is empty");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _host.Dispose();

    [Benchmark]
    public int Cold()
    {
        _host.Clock.NextSecond();
        return Repeated();
    }

    [Benchmark]
    public int Repeated()
    {
        _output.Clear();
        _renderer.Render(_file, _container, BenchHost.Init, _output);
        return _output.Length;
    }
}
