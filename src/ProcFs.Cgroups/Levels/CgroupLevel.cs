using ProcFs.Cgroups.V1;
using ProcFs.Cgroups.V2;

namespace ProcFs.Cgroups;

/// <summary>One cgroup of one hierarchy with its readers, shared by all containers at or below it. The readers choose the version once, here.</summary>
internal sealed class CgroupLevel
{
    private readonly bool _v1;
    private IMemoryReader? _memory;
    private ICpuReader? _cpu;
    private ICpuAcctReader? _cpuAcct;
    private ICpuSetReader? _cpuSet;
    private IBlockIoReader? _blockIo;
    private IHugetlbReader? _hugetlb;
    private PressureV2? _pressure;

    public CgroupLevel(CgroupVersion version, CgroupDirectory directory)
    {
        _v1 = version == CgroupVersion.V1;
        Directory = directory;
    }

    public CgroupDirectory Directory { get; }

    public IMemoryReader Memory => Made(ref _memory, static directory => new MemoryV1(directory), static directory => new MemoryV2(directory));

    public ICpuReader Cpu => Made(ref _cpu, static directory => new CpuV1(directory), static directory => new CpuV2(directory));

    public ICpuAcctReader CpuAcct => Made(ref _cpuAcct, static directory => new CpuAcctV1(directory), static directory => new CpuAcctV2(directory));

    public ICpuSetReader CpuSet => Made(ref _cpuSet, static directory => new CpuSetV1(directory), static directory => new CpuSetV2(directory));

    public IBlockIoReader BlockIo => Made(ref _blockIo, static directory => new BlockIoV1(directory), static directory => new BlockIoV2(directory));

    public IHugetlbReader Hugetlb => Made(ref _hugetlb, static directory => new HugetlbV1(directory), static directory => new HugetlbV2(directory));

    /// <summary>Of a v2 cgroup.</summary>
    public PressureV2 Pressure
    {
        get
        {
            lock (this)
            {
                return _pressure ??= new PressureV2(Directory);
            }
        }
    }

    // Made on first use: a directory has readers only for what is asked of it.
    private TReader Made<TReader>(ref TReader? reader, Func<CgroupDirectory, TReader> v1, Func<CgroupDirectory, TReader> v2)
        where TReader : class
    {
        lock (this)
        {
            return reader ??= (_v1 ? v1 : v2)(Directory);
        }
    }
}
