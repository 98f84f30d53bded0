using System.Runtime.CompilerServices;
using ProcFs.Fuse.Wire;

namespace ProcFs.Fuse;

/// <summary>
/// The list of operations. Several of the errors are remembered by the kernel: after ENOSYS to FLUSH, GETXATTR, LISTXATTR,
/// ACCESS, LSEEK or STATX it does without them for the life of the connection, which is what we want. For POLL it is not, see there.
/// </summary>
internal static class OperationTable
{
    /// <summary>Opcodes the counters tell apart; index 0 is for all others.</summary>
    public const int Size = 64;

    private static readonly Operation Unknown = new(0, "unknown", 0, Answer(FuseErrno.ENOSYS), ReplyDue: true);

    private static readonly Operation?[] Rows = Index(
    [
        new(FuseOpcode.FUSE_LOOKUP, "LOOKUP", 1, static (d, ref r) => d.Lookup(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_FORGET, "FORGET", 0, Answer(FuseErrno.None), ReplyDue: false),
        new(FuseOpcode.FUSE_GETATTR, "GETATTR", SizeOf<FuseGetattrIn>(), static (d, ref r) => d.GetAttributes(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_SETATTR, "SETATTR", 0, static (d, ref r) => d.SetAttributes(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_READLINK, "READLINK", 0, static (d, ref r) => d.ReadLink(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_SYMLINK, "SYMLINK", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_MKNOD, "MKNOD", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_MKDIR, "MKDIR", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_UNLINK, "UNLINK", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_RMDIR, "RMDIR", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_RENAME, "RENAME", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_LINK, "LINK", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_OPEN, "OPEN", SizeOf<FuseOpenIn>(), static (d, ref r) => d.Open(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_READ, "READ", SizeOf<FuseReadIn>(), static (d, ref r) => d.Read(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_WRITE, "WRITE", 0, static (d, ref r) => d.Write(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_STATFS, "STATFS", 0, static (d, ref r) => Dispatcher.StatFs(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_RELEASE, "RELEASE", SizeOf<FuseReleaseIn>(), static (d, ref r) => d.Release(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_GETXATTR, "GETXATTR", SizeOf<FuseGetxattrIn>(), Answer(FuseErrno.ENOSYS), ReplyDue: true),
        new(FuseOpcode.FUSE_LISTXATTR, "LISTXATTR", SizeOf<FuseGetxattrIn>(), Answer(FuseErrno.ENOSYS), ReplyDue: true),
        new(FuseOpcode.FUSE_FLUSH, "FLUSH", SizeOf<FuseFlushIn>(), Answer(FuseErrno.ENOSYS), ReplyDue: true),
        new(FuseOpcode.FUSE_INIT, "INIT", SizeOf<FuseInitIn>(), static (d, ref r) => d.Initialize(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_OPENDIR, "OPENDIR", SizeOf<FuseOpenIn>(), static (d, ref r) => Dispatcher.OpenDirectory(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_READDIR, "READDIR", SizeOf<FuseReadIn>(), static (d, ref r) => d.ReadDirectory(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_RELEASEDIR, "RELEASEDIR", SizeOf<FuseReleaseIn>(), Answer(FuseErrno.None), ReplyDue: true),
        new(FuseOpcode.FUSE_ACCESS, "ACCESS", SizeOf<FuseAccessIn>(), Answer(FuseErrno.ENOSYS), ReplyDue: true),
        new(FuseOpcode.FUSE_CREATE, "CREATE", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        // Nothing here takes long enough to be worth interrupting, and the request is answered anyway.
        new(FuseOpcode.FUSE_INTERRUPT, "INTERRUPT", 0, Answer(FuseErrno.None), ReplyDue: false),
        new(FuseOpcode.FUSE_DESTROY, "DESTROY", 0, static (d, ref r) => d.Destroy(), ReplyDue: true),
        new(FuseOpcode.FUSE_IOCTL, "IOCTL", SizeOf<FuseIoctlIn>(), Answer(FuseErrno.ENOTTY), ReplyDue: true),
        // Never ENOSYS: the kernel would not ask again on this connection, not even a later version that has something to say.
        new(FuseOpcode.FUSE_POLL, "POLL", SizeOf<FusePollIn>(), static (d, ref r) => d.Poll(ref r), ReplyDue: true),
        new(FuseOpcode.FUSE_BATCH_FORGET, "BATCH_FORGET", 0, Answer(FuseErrno.None), ReplyDue: false),
        new(FuseOpcode.FUSE_FALLOCATE, "FALLOCATE", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_RENAME2, "RENAME2", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_LSEEK, "LSEEK", SizeOf<FuseLseekIn>(), Answer(FuseErrno.ENOSYS), ReplyDue: true),
        new(FuseOpcode.FUSE_COPY_FILE_RANGE, "COPY_FILE_RANGE", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_TMPFILE, "TMPFILE", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
        new(FuseOpcode.FUSE_STATX, "STATX", SizeOf<FuseStatxIn>(), Answer(FuseErrno.ENOSYS), ReplyDue: true),
        new(FuseOpcode.FUSE_COPY_FILE_RANGE_64, "COPY_FILE_RANGE_64", 0, Answer(FuseErrno.EROFS), ReplyDue: true),
    ]);

    /// <summary>The row of an opcode; for one that has none, a row that answers ENOSYS.</summary>
    public static Operation Find(FuseOpcode opcode) => (uint)opcode < Size ? Rows[(int)opcode] ?? Unknown : Unknown;

    private static OperationHandler Answer(FuseErrno errno) => (_, ref _) => -(int)errno;

    private static int SizeOf<T>()
        where T : unmanaged
        => Unsafe.SizeOf<T>();

    private static Operation?[] Index(Operation[] rows)
    {
        Operation?[] byOpcode = new Operation?[Size];
        foreach (Operation row in rows)
        {
            byOpcode[(int)row.Opcode] = row;
        }

        return byOpcode;
    }
}
