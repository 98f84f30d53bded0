using ProcFs.Children;
using ProcFs.Fuse;
using ProcFs.Hook;
using ProcFs.Interop;

namespace ProcFs.Privileges;

/// <summary>
/// Binds the part of the private mount that is for everybody to the public mount point, in a process of its own: looking up a name on the
/// private mount waits for us.
/// </summary>
internal static class CommonBind
{
    public const string Verb = "bind-common";

    /// <summary>The directory on the private mount, and the root field that its bind has in mountinfo.</summary>
    public const string Directory = "/common";

    private static readonly TimeSpan DoneWithin = TimeSpan.FromSeconds(5);

    /// <summary>The workers must be running. Null; or one sentence that says why not.</summary>
    /// <param name="source">The private mount.</param>
    /// <param name="target">The public mount point, which is ready for it.</param>
    /// <param name="procRoot">Where mountinfo is.</param>
    public static string? Make(string source, string target, string procRoot)
    {
        using ChildVerb? child = ChildVerb.Start([Verb, source, target, "--proc-root", procRoot], out Errno error);
        if (child is null)
        {
            return $"cannot start {OwnProgram.Path} again, to mount {target}: {Libc.Describe(error)}";
        }

        return !child.WaitForEnd(DoneWithin, out int? exitCode) ? $"cannot mount {target}: what was to do it did not end within {DoneWithin.TotalSeconds} s"
            : exitCode is null or 0 ? null // nobody knows: mountinfo tells
            : $"cannot bind {source}{Directory} to {target}: {Libc.Describe((Errno)exitCode)}{((Errno)exitCode is Errno.EPERM ? "; mounting needs root (CAP_SYS_ADMIN)" : "")}";
    }

    /// <summary>The child's part: its exit code is the error number.</summary>
    public static int MakeHere(string source, string target, string procRoot)
    {
        // Whoever started us, and ends with its daemon, may be gone before the next daemon answers the look-up; that one makes a bind of its own.
        _ = Libc.SignalAtParentsEnd(Libc.SIGKILL);
        using FileDescriptor? directory = FileDescriptor.Open(source + Directory, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW, out Errno error);
        if (directory is null)
        {
            return (int)error;
        }

        // Of the look-up the kernel remembers the answer: from here on nothing waits.
        return MountPoint.Inspect(target, procRoot: procRoot).Kind == MountPointKind.OwnMount
            ? 0
            : (int)Libc.ErrorOf(Libc.Mount(source + Directory, target, null, Libc.MS_BIND, null));
    }
}
