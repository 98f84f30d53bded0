using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// capget(2), capset(2) of the calling thread, capabilities(7); prctl(2)
internal static unsafe partial class Libc
{
    public const int CAP_DAC_OVERRIDE = 1;
    public const int CAP_DAC_READ_SEARCH = 2;
    public const int CAP_IPC_LOCK = 14;
    public const int CAP_SYS_CHROOT = 18;
    public const int CAP_SYS_PTRACE = 19;
    public const int CAP_SYS_ADMIN = 21;
    public const int CAP_SYS_RESOURCE = 24;

    private const uint LINUX_CAPABILITY_VERSION_3 = 0x20080522;
    private const int PR_CAPBSET_DROP = 24;
    private const int PR_SET_NO_NEW_PRIVS = 38;

    /// <summary>The permitted set of the calling thread, a bit for each; or 0 when it cannot be had.</summary>
    public static ulong PermittedCapabilities()
    {
        CapabilityHeader header = new() { Version = LINUX_CAPABILITY_VERSION_3 };
        CapabilitySets* sets = stackalloc CapabilitySets[2];
        return capget(&header, sets) == 0 ? sets[0].Permitted | ((ulong)sets[1].Permitted << 32) : 0;
    }

    /// <summary>Makes a set the permitted and effective one of the calling thread, and the inheritable one empty.</summary>
    public static int SetCapabilities(ulong permitted)
    {
        CapabilityHeader header = new() { Version = LINUX_CAPABILITY_VERSION_3 };
        CapabilitySets* sets = stackalloc CapabilitySets[2];
        sets[0] = new CapabilitySets { Effective = (uint)permitted, Permitted = (uint)permitted };
        sets[1] = new CapabilitySets { Effective = (uint)(permitted >> 32), Permitted = (uint)(permitted >> 32) };
        return (int)Result(capset(&header, sets));
    }

    /// <summary>Takes one out of the calling thread's bounding set; -EPERM without CAP_SETPCAP, -EINVAL for a number that the kernel does not know.</summary>
    public static int DropFromBoundingSet(int capability) => (int)Result(prctl(PR_CAPBSET_DROP, (nuint)capability, 0, 0, 0));

    /// <summary>From the calling thread on, no execve(2) gives a capability that was not there before it: not to root either.</summary>
    public static int SetNoNewPrivileges() => (int)Result(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));

    /// <summary>struct __user_cap_header_struct; pid 0: the calling thread.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CapabilityHeader
    {
        public uint Version;
        public int Pid;
    }

    /// <summary>struct __user_cap_data_struct; two of them, the lower bits first.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CapabilitySets
    {
        public uint Effective;
        public uint Permitted;
        public uint Inheritable;
    }

    [LibraryImport(Library)]
    private static partial int capget(CapabilityHeader* header, CapabilitySets* data);

    [LibraryImport(Library)]
    private static partial int capset(CapabilityHeader* header, CapabilitySets* data);
}
