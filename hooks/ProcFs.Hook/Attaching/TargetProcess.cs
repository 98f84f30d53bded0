using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// The process whose mount namespace is entered, held by a pidfd: a pid that was given to another process meanwhile is found out
/// here, and cannot be mixed up afterwards.
/// </summary>
internal sealed class TargetProcess : IDisposable
{
    private TargetProcess(int pid, FileDescriptor pidfd, string mountNamespace) => (Pid, Pidfd, MountNamespace) = (pid, pidfd, mountNamespace);

    public int Pid { get; }

    public FileDescriptor Pidfd { get; }

    /// <summary>The one that was checked, as "mnt:[4026531841]". By the time it is entered the process may be in another one.</summary>
    public string MountNamespace { get; }

    /// <summary>The process, when it is the one that was meant and lives in another mount namespace than we; else null and why not.</summary>
    public static TargetProcess? Open(int pid, ulong startTime, string procRoot, out string? refusal)
    {
        int number = Libc.PidfdOpen(pid);
        if (number < 0)
        {
            refusal = Libc.ErrorOf(number) == Errno.ESRCH
                ? Ended(pid)
                : Text($"cannot get hold of process {pid} (pidfd_open, Linux 5.3): {Libc.Describe(Libc.ErrorOf(number))}");
            return null;
        }

        FileDescriptor pidfd = new(number);
        refusal = Refusal(pid, startTime, procRoot, pidfd, out string mountNamespace);
        if (refusal is null)
        {
            return new TargetProcess(pid, pidfd, mountNamespace);
        }

        pidfd.Dispose();
        return null;
    }

    public void Dispose() => Pidfd.Dispose();

    private static string? Refusal(int pid, ulong startTime, string procRoot, FileDescriptor pidfd, out string mountNamespace)
    {
        mountNamespace = "";
        using FileDescriptor? directory = FileDescriptor.Open(Text($"{procRoot}/{pid}"), Libc.O_PATH | Libc.O_DIRECTORY, out Errno error);
        if (directory is null)
        {
            return error == Errno.ENOENT ? Ended(pid) : Text($"cannot open {procRoot}/{pid}: {Libc.Describe(error)}");
        }

        if (StartTimeOf(directory) is not { } found)
        {
            return Ended(pid);
        }

        if (found != startTime)
        {
            return Text($"process {pid} is not the one that was meant: it was started at tick {found}, not {startTime}");
        }

        string? own = NamespaceOf(Libc.AT_FDCWD, procRoot + "/self/ns/mnt", out Errno ownError);
        string? theirs = NamespaceOf(directory.Number, "ns/mnt", out Errno theirError);
        if (own is null || theirs is null)
        {
            string whose = own is null ? "self" : Text($"{pid}");
            return HasEnded(pidfd) ? Ended(pid)
                : $"cannot see the mount namespace in {procRoot}/{whose}/ns: {Libc.Describe(own is null ? ownError : theirError)} (this needs CAP_SYS_PTRACE)";
        }

        if (own == theirs)
        {
            return Text($"process {pid} is in the mount namespace of this program itself: only containers with a mount namespace of their own get files");
        }

        if (NamespaceOf(Libc.AT_FDCWD, procRoot + "/1/ns/mnt", out _) == theirs) // where that can be seen
        {
            return Text($"process {pid} is in the host's own mount namespace: nothing is mounted over the host's files");
        }

        mountNamespace = theirs;

        // It lived all the while: so what was read is of the process that the pidfd holds.
        return HasEnded(pidfd) ? Ended(pid) : null;
    }

    private static ulong? StartTimeOf(FileDescriptor directory)
    {
        using FileDescriptor? stat = FileDescriptor.OpenAt(directory.Number, "stat\0"u8, Libc.O_RDONLY, out _);
        Span<byte> text = stackalloc byte[1024]; // one line of 52 numbers, the name at most 64 bytes
        nint length = stat is null ? -1 : Libc.Read(stat.Number, text);
        return length > 0 && Registration.StartTime.TryParse(text[..(int)length], out ulong startTime) ? startTime : null;
    }

    /// <summary>"mnt:[4026531841]".</summary>
    internal static string? NamespaceOf(int directory, string path, out Errno error)
    {
        Span<byte> target = stackalloc byte[64];
        nint length = Libc.ReadlinkAt(directory, Libc.PathBytes(path), target);
        error = Libc.ErrorOf(length);
        return length < 0 ? null : System.Text.Encoding.ASCII.GetString(target[..(int)length]);
    }

    private static bool HasEnded(FileDescriptor pidfd)
    {
        Span<Libc.PollFd> poll = [new Libc.PollFd { Fd = pidfd.Number, Events = Libc.POLLIN }];
        return Libc.Poll(poll, 0) != 0;
    }

    private static string Ended(int pid) => Text($"process {pid} has ended");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
