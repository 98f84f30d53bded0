using BenchmarkDotNet.Attributes;
using ProcFs.Benchmarks.Support;
using ProcFs.Cgroups;

namespace ProcFs.Benchmarks;

/// <summary>One group of values out of a container's cgroup, through kept descriptors of plain files: pread and parse.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class ReadBenchmarks
{
    private readonly ContainerResources _into = new();
    private BenchHost _host = null!;
    private ContainerCgroups _cgroups = null!;
    private ResourceGroups _groups;

    [Params("v1", "v2")]
    public string Version { get; set; } = "";

    [Params("Memory", "CpuQuota", "CpuSet", "CpuUsage", "BlockIo")]
    public string Group { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _host = new BenchHost(Version, 16);
        _cgroups = _host.OpenCgroups();
        _groups = Enum.Parse<ResourceGroups>(Group);
    }

    [GlobalCleanup]
    public void Cleanup() => _host.Dispose();

    [Benchmark]
    public bool Read() => _cgroups.TryRead(_groups, _into);
}
