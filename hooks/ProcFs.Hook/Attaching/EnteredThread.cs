using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ProcFs.Interop;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// The thread that enters a container's mount namespace. Its root directory is then the container's, so any file that a library opened
/// on it would be a file of the container's choice: it makes the system calls that it is told, one by one, on memory that was there
/// before, and nothing else. It allocates nothing (a collection reads files, on the thread that caused it), throws nothing and logs nothing; every call is
/// made once, with arguments that fail, before it enters. Descriptors are shared with the rest of the program, which does all the thinking.
/// </summary>
internal sealed unsafe class EnteredThread : IDisposable
{
    private const int StackBytes = 256 * 1024;

    private readonly EnteredCommand* _command;
    private readonly int _requests;
    private readonly int _answers;

    private EnteredThread(EnteredCommand* command, int requests, int answers)
    {
        _command = command;
        _requests = requests;
        _answers = answers;
    }

    /// <summary>
    /// The thread's own directory in procfs, opened before it entered. What is read through it is of the namespace it is in, whether or not
    /// the container's process still lives.
    /// </summary>
    public FileDescriptor? Self { get; private set; }

    /// <summary>It did not come back from a call in time. It is left behind with all it uses; no call is made any more.</summary>
    public bool IsStuck { get; private set; }

    /// <summary>A thread in the mount namespace of that process; null and why not.</summary>
    public static EnteredThread? Enter(TargetProcess target, string procRoot, Deadline deadline, out string? refusal)
    {
        EnteredThread? thread = Start(out Errno error);
        if (thread is null)
        {
            refusal = $"cannot make a pipe: {Libc.Describe(error)}";
            return null;
        }

        refusal = thread.Enter(target, procRoot, deadline);
        if (refusal is null)
        {
            return thread;
        }

        refusal = string.Create(CultureInfo.InvariantCulture, $"cannot enter the mount namespace of process {target.Pid}: {refusal}");
        thread.Dispose();
        return null;
    }

    /// <summary>The descriptor, or -errno. The path ends in NUL.</summary>
    public nint OpenAt2(int directory, ReadOnlySpan<byte> path, ulong flags, ulong resolve, Deadline deadline)
        => Run(new EnteredCommand { Operation = EnteredOperation.OpenAt2, First = directory, How = new Libc.OpenHow { Flags = flags, Resolve = resolve } }, path, deadline);

    public nint MoveMount(int tree, int target, uint flags, Deadline deadline)
        => Run(new EnteredCommand { Operation = EnteredOperation.MoveMount, First = tree, Second = target, Flags = flags }, deadline);

    /// <summary>Takes the topmost mount off a name in a directory. The name ends in NUL.</summary>
    public nint Unmount(int directory, ReadOnlySpan<byte> name, Deadline deadline)
        => Run(new EnteredCommand { Operation = EnteredOperation.Unmount, First = directory, Flags = Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW }, name, deadline);

    /// <summary>Lets the thread end, unless it is stuck.</summary>
    public void Dispose()
    {
        Self?.Dispose();
        Libc.Close(_requests); // its next read is the end of the file
        if (IsStuck)
        {
            return;
        }

        Span<Libc.PollFd> poll = [new Libc.PollFd { Fd = _answers }];
        Libc.Poll(poll, -1); // until it has closed its end, and so uses the memory no more
        NativeMemory.Free(_command);
        Libc.Close(_answers);
    }

    /// <summary>A thread, still in our own namespace; null and the error when there are no descriptors left.</summary>
    private static EnteredThread? Start(out Errno error)
    {
        error = Libc.ErrorOf(Libc.Pipe(out int requestsRead, out int requestsWrite));
        if (error != Errno.None)
        {
            return null;
        }

        error = Libc.ErrorOf(Libc.Pipe(out int answersRead, out int answersWrite));
        if (error != Errno.None)
        {
            Libc.Close(requestsRead);
            Libc.Close(requestsWrite);
            return null;
        }

        EnteredCommand* command = (EnteredCommand*)NativeMemory.AllocZeroed((nuint)sizeof(EnteredCommand));
        new Thread(() => Work(command, requestsRead, answersWrite), StackBytes) { IsBackground = true }.Start();
        return new EnteredThread(command, requestsWrite, answersRead);
    }

    /// <summary>Why it could not; null: it is in.</summary>
    private string? Enter(TargetProcess target, string procRoot, Deadline deadline)
    {
        // From here its root and working directory are its own. CLONE_FS is also what setns(2) asks for.
        nint result = Run(new EnteredCommand { Operation = EnteredOperation.Unshare, First = Libc.CLONE_FS }, deadline);
        if (result < 0)
        {
            return $"unshare(CLONE_FS): {Libc.Describe(Libc.ErrorOf(result))}";
        }

        string self = procRoot + "/thread-self";
        result = OpenAt2(Libc.AT_FDCWD, Libc.PathBytes(self), (ulong)(Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC), 0, deadline);
        if (result < 0)
        {
            return Libc.ErrorOf(result) is Errno.ENOSYS or Errno.EPERM
                ? "the kernel (before Linux 5.6) or a seccomp filter refuses openat2(2), without which no path of a container is safe"
                : $"cannot open {self}: {Libc.Describe(Libc.ErrorOf(result))}";
        }

        Self = new FileDescriptor((int)result);
        // All calls that follow are made once before it is in, to no effect: what a first call loads is loaded here.
        const int nothing = -1;
        Setns(nothing, deadline);
        MoveMount(nothing, nothing, 0, deadline);
        Unmount(Self.Number, "\0"u8, deadline);
        result = Setns(target.Pidfd.Number, deadline);
        if (result >= 0)
        {
            // It may have joined another since, the host's for one.
            return TargetProcess.NamespaceOf(Self.Number, "ns/mnt", out _) == target.MountNamespace ? null : "it was in another one a moment before";
        }

        return $"{Libc.Describe(Libc.ErrorOf(result))} (this needs CAP_SYS_ADMIN, CAP_SYS_CHROOT, CAP_SYS_PTRACE and Linux 5.8)";
    }

    private nint Setns(int pidfd, Deadline deadline)
        => Run(new EnteredCommand { Operation = EnteredOperation.Setns, First = pidfd, Second = Libc.CLONE_NEWNS }, deadline);

    private nint Run(EnteredCommand command, ReadOnlySpan<byte> path, Deadline deadline)
    {
        byte* copy = (byte*)NativeMemory.Alloc((nuint)path.Length);
        path.CopyTo(new Span<byte>(copy, path.Length));
        command.Path = copy;
        nint result = Run(command, deadline);
        if (!IsStuck)
        {
            NativeMemory.Free(copy);
        }

        return result;
    }

    private nint Run(EnteredCommand command, Deadline deadline)
    {
        if (IsStuck || deadline.HasPassed)
        {
            return -(nint)Errno.ETIMEDOUT;
        }

        *_command = command;
        byte signal = 0;
        nint written = Libc.Write(_requests, &signal, 1);
        if (written < 0)
        {
            return written;
        }

        Span<Libc.PollFd> poll = [new Libc.PollFd { Fd = _answers, Events = Libc.POLLIN }];
        if (Libc.Poll(poll, deadline.RemainingMs) <= 0)
        {
            IsStuck = true;
            return -(nint)Errno.ETIMEDOUT;
        }

        Libc.Read(_answers, &signal, 1);
        return Volatile.Read(ref _command->Result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // compiled once, before it is entered, never again
    private static void Work(EnteredCommand* command, int requests, int answers)
    {
        byte signal = 0;
        while (Libc.Read(requests, &signal, 1) == 1)
        {
            Volatile.Write(ref command->Result, Execute(command));
            if (Libc.Write(answers, &signal, 1) != 1)
            {
                break;
            }
        }

        Libc.Close(requests);
        Libc.Close(answers);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Execute(EnteredCommand* command)
    {
        switch (command->Operation)
        {
            case EnteredOperation.Unshare:
                return Libc.Unshare(command->First);
            case EnteredOperation.Setns:
                return Libc.Setns(command->First, command->Second);
            case EnteredOperation.OpenAt2:
                return Libc.OpenAt2(command->First, command->Path, &command->How);
            case EnteredOperation.MoveMount:
                return Libc.MoveMount(command->First, command->Second, command->Flags);
            default:
                nint result = Libc.Fchdir(command->First);
                return result < 0 ? result : Libc.Unmount(command->Path, (int)command->Flags);
        }
    }
}
