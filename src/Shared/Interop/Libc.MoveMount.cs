using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// move_mount(2), by syscall(2). Not before Linux 5.2.
internal static unsafe partial class Libc
{
    public const uint MOVE_MOUNT_F_EMPTY_PATH = 0x04;
    public const uint MOVE_MOUNT_T_EMPTY_PATH = 0x40;

    /// <summary>Below the topmost mount of the target, not on it. Since Linux 6.5; EINVAL before.</summary>
    public const uint MOVE_MOUNT_BENEATH = 0x200;

    /// <summary>Attaches the tree behind one descriptor at the place behind another. Allocates nothing.</summary>
    public static nint MoveMount(int tree, int target, uint flags)
    {
        const nint number = 429; // everywhere
        byte empty = 0;
        return Result(syscall(number, tree, &empty, target, &empty, flags | MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint first, void* second, nint third, void* fourth, uint fifth);
}
