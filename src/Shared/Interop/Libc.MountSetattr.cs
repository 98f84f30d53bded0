using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// mount_setattr(2), by syscall(2). Not before Linux 5.12.
internal static unsafe partial class Libc
{
    public const ulong MOUNT_ATTR_RDONLY = 0x1;
    public const ulong MOUNT_ATTR_NOSUID = 0x2;
    public const ulong MOUNT_ATTR_NODEV = 0x4;
    public const ulong MOUNT_ATTR_NOEXEC = 0x8;

    /// <summary>Sets flags of the mount behind a descriptor, and its propagation (MS_PRIVATE; 0: stays).</summary>
    public static int MountSetattr(int mount, ulong set, ulong propagation)
    {
        const nint number = 442; // everywhere
        MountAttr attributes = new() { Set = set, Propagation = propagation };
        byte empty = 0;
        return (int)Result(syscall(number, mount, &empty, AT_EMPTY_PATH, &attributes, (nuint)sizeof(MountAttr)));
    }

    /// <summary>struct mount_attr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttr
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, void* second, uint third, void* fourth, nuint fifth);
}
