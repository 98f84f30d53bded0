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

    public CgroupLevel(CgroupVersion version, CgroupDirectory directory)
    {
        _v1 = version == CgroupVersion.V1;
        Directory = directory;
    }

    public CgroupDirectory Directory { get; }

    // Made on first use, under the tree's lock: a directory has readers only for what is asked of it.
    public IMemoryReader Memory => _memory ??= _v1 ? new MemoryV1(Directory) : new MemoryV2(Directory);

    public ICpuReader Cpu => _cpu ??= _v1 ? new CpuV1(Directory) : new CpuV2(Directory);

    public ICpuAcctReader CpuAcct => _cpuAcct ??= _v1 ? new CpuAcctV1(Directory) : new CpuAcctV2(Directory);

    public ICpuSetReader CpuSet => _cpuSet ??= _v1 ? new CpuSetV1(Directory) : new CpuSetV2(Directory);

    public IBlockIoReader BlockIo => _blockIo ??= _v1 ? new BlockIoV1(Directory) : new BlockIoV2(Directory);

    public IHugetlbReader Hugetlb => _hugetlb ??= _v1 ? new HugetlbV1(Directory) : new HugetlbV2(Directory);
}
