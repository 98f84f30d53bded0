namespace ProcFs.Tree;

/// <summary>
/// Node ids are computed, never handed out: container number in the upper 48 bits, file number in the lower 16. The same id
/// means the same thing in every daemon that ever serves the connection. Container 0 stands for "the container of the caller".
/// </summary>
internal static class NodeId
{
    /// <summary>Directories have numbers below 16; the files' are in <see cref="Files.ProcFiles"/>. All are permanent.</summary>
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
    public const ulong MaxContainer = ulong.MaxValue >> FileBits;

    public const ushort ProcPressure = 9;

    private const int FileBits = 16;

    public static ulong Of(ulong container, ushort file) => (container << FileBits) | file;

    public static ulong ContainerOf(ulong nodeId) => nodeId >> FileBits;

    public static ushort FileOf(ulong nodeId) => (ushort)nodeId;
}
