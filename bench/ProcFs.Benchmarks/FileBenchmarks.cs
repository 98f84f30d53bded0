using BenchmarkDotNet.Attributes;
using ProcFs.Benchmarks.Support;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Benchmarks;

/// <summary>A served file's text out of a snapshot that is filled already: formatting, and nothing read.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class FileBenchmarks
{
    private readonly TextBuffer _output = new();
    private BenchHost _host = null!;
    private IProcFile _file = null!;
    private ContainerSnapshot _snapshot = null!;

    [Params("v1", "v2")]
    public string Version { get; set; } = "";

    [Params(2, 16, 128)]
    public int Cpus { get; set; }

    [ParamsSource(nameof(Files))]
    public string File { get; set; } = "";

    public static IEnumerable<string> Files => ProcFiles.All.Select(entry => entry.File.Path.Replace("proc/", "", StringComparison.Ordinal).Replace("sys/devices/system/", "", StringComparison.Ordinal));

    [GlobalSetup]
    public void Setup()
    {
        _host = new BenchHost(Version, Cpus);
        _file = ProcFiles.Find(File)!;
        SnapshotReader reader = _host.NewReader();
        reader.TryFill(_host.Container, _file.Facts, takeWhatIsLeft: false);
        _snapshot = reader.Snapshot;
        if (_file.ShowsHost(_snapshot) || Render() == 0)
        {
            throw new InvalidOperationException($"{File} has no text of the container");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _host.Dispose();

    [Benchmark]
    public int Render()
    {
        _output.Clear();
        _file.Render(_snapshot, _output);
        return _output.Length;
    }
}
