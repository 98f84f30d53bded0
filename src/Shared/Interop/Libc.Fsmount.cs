using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// fsopen(2), fsconfig(2), fsmount(2), by syscall(2). Not before Linux 5.2.
internal static unsafe partial class Libc
{
    /// <summary>An empty read-only tmpfs that is mounted nowhere yet: a descriptor for <see cref="MoveMount"/>, or -errno.</summary>
    public static int EmptyTree()
    {
        const nint fsopen = 430; // all three everywhere
        const nint fsconfig = 431;
        const nint fsmount = 432;
        const int closeOnExec = 1; // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
        const int setFlag = 0; // FSCONFIG_SET_FLAG
        const int create = 6; // FSCONFIG_CMD_CREATE
        const ulong attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
        nint context;
        fixed (byte* type = "tmpfs\0"u8)
        {
            context = Result(syscall(fsopen, type, closeOnExec));
        }

        if (context < 0)
        {
            return (int)context;
        }

        nint result;
        fixed (byte* readOnly = "ro\0"u8)
        {
            result = Result(syscall(fsconfig, context, setFlag, readOnly, null, 0));
        }

        result = result < 0 ? result : Result(syscall(fsconfig, context, create, null, null, 0));
        result = result < 0 ? result : Result(syscall(fsmount, context, closeOnExec, attributes));
        Close((int)context);
        return (int)result;
    }

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, byte* type, nint flags);

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint context, nint command, byte* key, void* value, nint auxiliary);

    [LibraryImport(Library)]
    private static partial nint syscall(nint number, nint context, nint flags, ulong attributes);
}
