using ProcFs.Children;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Node;

/// <summary>
/// The way from a privileged pod with the host's process numbers to the node itself: a child of this program with the mount and cgroup namespaces of process
/// 1. The pod's first process stays where it is, since the engine takes its namespaces for the pod's (kubectl exec, probes).
/// </summary>
internal static class NodeEntrance
{
    /// <summary>The file of the pod, as the child has it.</summary>
    public const string FilePassed = "/proc/self/fd/4";

    private const string OwnFile = "/proc/self/exe";
    private const string ProgramPassed = "/proc/self/fd/3";
    private const int FirstPassed = 3;
    private const int LastPassed = 4;
    private const string HowTo = "the pod needs hostPID: true and securityContext.privileged: true; on a node itself, be root";

    /// <summary>Whether this program runs on the node already.</summary>
    /// <exception cref="Failure">That is not to be seen.</exception>
    public static bool IsOnNode()
    {
        if (Environment.ProcessId == 1)
        {
            throw new Failure(ExitCode.Impossible, $"this is process 1 of a container, and so cannot see the node's: {HowTo}");
        }

        return Namespace("/proc/1/ns/mnt") == Namespace("/proc/self/ns/mnt");
    }

    /// <summary>
    /// What to say where nobody is found to serve, in one sentence, of a process that cannot see the machine's own daemon: one in another mount namespace than process
    /// 1, as in a pod. Null: of any other.
    /// </summary>
    /// <param name="verb">What looked in vain.</param>
    public static string? Elsewhere(string verb)
    {
        string? first = LinkOf("/proc/1/ns/mnt");
        string? own = LinkOf("/proc/self/ns/mnt");
        return first is null || own is null || first == own
            ? null
            : $"this is not the mount namespace of process 1, so what serves there is not seen here; in a pod with the node's process numbers say: procfs node run -- {verb}";
    }

    /// <summary>Runs this program on the node, and passes signals on to it.</summary>
    /// <param name="arguments">From the verb on.</param>
    /// <param name="file">A file of the pod that the child has as <see cref="FilePassed"/>; null: none.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="Failure">The node cannot be entered, or what is there is no node.</exception>
    public static int Run(IReadOnlyList<string> arguments, FileDescriptor? file)
    {
        using SignalInbox signals = new();
        signals.Catch(Libc.SIGTERM, Libc.SIGINT);
        using FileDescriptor program = Open(OwnFile);
        int pid = 0;
        Failure? failure = null;
        using ManualResetEventSlim isStarted = new();
        using ManualResetEventSlim isOver = new();
        // A thread of its own, and one that lives as long as the child: what a thread has entered it cannot leave, and the child is told of its end.
        Thread thread = new(() =>
        {
            try
            {
                pid = EnterAndStart(program, arguments, file);
            }
            catch (Failure thrown)
            {
                failure = thrown;
            }

            isStarted.Set();
            isOver.Wait();
        })
        { IsBackground = true };
        thread.Start();
        isStarted.Wait();
        try
        {
            return failure is null ? Await(pid, signals) : throw failure;
        }
        finally
        {
            isOver.Set();
            thread.Join();
        }
    }

    /// <summary>In the child: what it was passed is for it alone, and for nothing that it becomes or starts. False: this is no such child.</summary>
    public static bool ClaimPassed()
    {
        bool isChild = false;
        for (int descriptor = FirstPassed; descriptor <= LastPassed; descriptor++)
        {
            isChild |= Libc.ClaimInherited(descriptor);
        }

        return isChild;
    }

    private static int EnterAndStart(FileDescriptor program, IReadOnlyList<string> arguments, FileDescriptor? file)
    {
        using FileDescriptor mounts = Open("/proc/1/ns/mnt");
        using FileDescriptor cgroups = Open("/proc/1/ns/cgroup");
        Demand(Libc.Unshare(Libc.CLONE_FS), "unshare its root directory from other threads");
        Demand(Libc.Setns(cgroups.Number, Libc.CLONE_NEWCGROUP), "enter the cgroup namespace of process 1");
        Demand(Libc.Setns(mounts.Number, Libc.CLONE_NEWNS), "enter the mount namespace of process 1");
        if (!File.Exists("/etc/os-release") && !File.Exists("/usr/lib/os-release"))
        {
            throw new Failure(ExitCode.Impossible, $"what process 1 sees is no node: it has no os-release; {HowTo}");
        }

        // Its path is the pod's, and is not to be found here: by number it is.
        int[] passed = file is null ? [program.Number] : [program.Number, file.Number];
        int pid = Libc.Spawn(ProgramPassed, ["procfs", .. arguments], ChildEnvironment.Of(Environment.GetEnvironmentVariables()), passed);
        return pid > 0 ? pid : throw new Failure(ExitCode.Failed, $"cannot start this program on the node: {Libc.Describe(Libc.ErrorOf(pid))}");
    }

    private static int Await(int pid, SignalInbox signals)
    {
        using ChildVerb child = ChildVerb.Of(pid);
        int? exitCode;
        while (!child.HasEnded(out exitCode))
        {
            while (signals.TryTake(out int signal))
            {
                _ = Libc.Kill(pid, signal);
            }

            const int unwatchedMs = 50; // before Linux 5.3 nothing tells of its end
            Span<Libc.PollFd> ends =
            [
                new Libc.PollFd { Fd = signals.Descriptor, Events = Libc.POLLIN }, new Libc.PollFd { Fd = child.Descriptor, Events = Libc.POLLIN },
            ];
            _ = Libc.Poll(ends, child.Descriptor < 0 ? unwatchedMs : -1);
        }

        return exitCode ?? (int)ExitCode.Failed;
    }

    private static FileDescriptor Open(string path) => FileDescriptor.Open(path, Libc.O_RDONLY, out Errno error)
        ?? throw new Failure(ExitCode.Impossible, $"cannot open {path}: {Libc.Describe(error)}; {HowTo}");

    private static void Demand(nint result, string what)
    {
        if (result < 0)
        {
            throw new Failure(ExitCode.Impossible, $"cannot {what}: {Libc.Describe(Libc.ErrorOf(result))}; {HowTo}");
        }
    }

    private static string Namespace(string link) => LinkOf(link, out Errno error)
        ?? throw new Failure(ExitCode.Impossible, $"cannot read {link}: {Libc.Describe(error)}; {HowTo}");

    private static string? LinkOf(string link) => LinkOf(link, out _);

    private static string? LinkOf(string link, out Errno error)
    {
        Span<byte> target = stackalloc byte[64];
        nint length = Libc.ReadlinkAt(Libc.AT_FDCWD, Libc.PathBytes(link), target);
        error = Libc.ErrorOf(length);
        return length > 0 ? System.Text.Encoding.ASCII.GetString(target[..(int)length]) : null;
    }
}
