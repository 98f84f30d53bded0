namespace ProcFs.Tree;

/// <summary>
/// Node ids are computed, never handed out: file number in the lower 16 bits, container number in the 32 above, and in the upper 16 the number
/// of a CPU as the container has it, plus 1. The same id means the same thing in every daemon that ever serves the connection. Container 0 stands
/// for "the container of the caller"; without a CPU the upper bits are 0.
/// </summary>
internal static class NodeId
{
    /// <summary>The first directories have numbers below 16, those of CPUs are in <see cref="Files.CpuFiles"/>; the files' are in <see cref="Files.ProcFiles"/>. All are permanent.</summary>
    public const ushort Root = 1;
    public const ushort Proc = 2;
    public const ushort Sys = 3;
    public const ushort SysDevices = 4;
    public const ushort SysDevicesSystem = 5;
    public const ushort SysDevicesSystemCpu = 6;

    /// <summary>What stands for "/" of a container: common/ for container 0, c/NUMBER for any other.</summary>
    public const ushort ContainerRoot = 7;

    /// <summary>c/, the directory of the registered containers.</summary>
    public const ushort Containers = 8;

    /// <summary>Larger numbers do not fit into a node id.</summary>
    public const ulong MaxContainer = uint.MaxValue;

    /// <summary>Likewise.</summary>
    public const int MaxCpu = ushort.MaxValue - 1;

    /// <summary>The node belongs to no single CPU.</summary>
    public const int NoCpu = -1;

    public const ushort ProcPressure = 9;

    private const int FileBits = 16;
    private const int CpuShift = 48;

    public static ulong Of(ulong container, ushort file, int cpu = NoCpu) => ((ulong)(cpu + 1) << CpuShift) | (container << FileBits) | file;

    public static ulong ContainerOf(ulong nodeId) => (nodeId >> FileBits) & MaxContainer;

    public static ushort FileOf(ulong nodeId) => (ushort)nodeId;

    /// <summary>The container's number of the CPU, or <see cref="NoCpu"/>.</summary>
    public static int CpuOf(ulong nodeId) => (int)(nodeId >> CpuShift) - 1;
}
