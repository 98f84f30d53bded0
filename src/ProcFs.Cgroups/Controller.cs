namespace ProcFs.Cgroups;

/// <summary>The cgroup controllers that feed a container's files. Where each lives (v1 or v2) is decided one by one: <see cref="CgroupLayout"/>.</summary>
public enum Controller
{
    /// <summary>CPU bandwidth: <c>cpu</c> on both versions.</summary>
    Cpu,

    /// <summary>CPU time used: <c>cpuacct</c> on v1; on v2 no controller, every cgroup has it.</summary>
    CpuAcct,

    /// <summary>Which CPUs may be used: <c>cpuset</c> on both versions.</summary>
    CpuSet,

    /// <summary>Memory and swap: <c>memory</c> on both versions.</summary>
    Memory,

    /// <summary>Block devices: <c>blkio</c> on v1, <c>io</c> on v2.</summary>
    BlockIo,

    /// <summary>Huge pages: <c>hugetlb</c> on both versions.</summary>
    Hugetlb,
}

/// <summary>What <see cref="Controller"/> is called by the kernel.</summary>
internal static class ControllerNames
{
    /// <summary>The number of values of <see cref="Controller"/>.</summary>
    public const int Count = 6;

    /// <summary>The name in v1 mount options and in /proc/pid/cgroup (cgroups(7)).</summary>
    public static ReadOnlySpan<byte> V1(Controller controller) => controller switch
    {
        Controller.Cpu => "cpu"u8,
        Controller.CpuAcct => "cpuacct"u8,
        Controller.CpuSet => "cpuset"u8,
        Controller.Memory => "memory"u8,
        Controller.BlockIo => "blkio"u8,
        _ => "hugetlb"u8,
    };

    /// <summary>The name in the v2 list of controllers; empty for <see cref="Controller.CpuAcct"/>, which is not one there.</summary>
    public static ReadOnlySpan<byte> V2(Controller controller) => controller switch
    {
        Controller.Cpu => "cpu"u8,
        Controller.CpuAcct => default,
        Controller.CpuSet => "cpuset"u8,
        Controller.Memory => "memory"u8,
        Controller.BlockIo => "io"u8,
        _ => "hugetlb"u8,
    };

    /// <summary>For people: the v1 name, which is unique on both versions.</summary>
    public static string Display(Controller controller) => System.Text.Encoding.ASCII.GetString(V1(controller));
}
