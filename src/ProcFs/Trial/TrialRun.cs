using System.Diagnostics;
using System.Runtime.InteropServices;
using ProcFs.Cgroups;
using ProcFs.Hook;
using ProcFs.Interop;

namespace ProcFs.Trial;

/// <summary>
/// <c>procfs run</c>: makes cgroup and pid namespace, starts itself inside as <see cref="TrialInside"/>, and cleans up when the
/// command has ended.
/// </summary>
internal static class TrialRun
{
    /// <summary>The command's exit code.</summary>
    public static int Run(TrialOptions options)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, "run needs root: to make a cgroup, namespaces and mounts");
        }

        using PrivateServer server = PrivateServer.Find(options);
        using TrialCgroup cgroup = TrialCgroup.Create(CgroupLayout.Discover(options.Roots.Proc, options.Roots.Cgroup), options.Limits);
        int interrupts = 0;
        int pid = 0;
        // Registered before the thread below leaves the pid namespace: the runtime starts its own thread for signals at the first
        // registration, and a thread with another namespace for its children must not start any.
        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            // The terminal has given it to the command as well, which may have its own use for it. A process 1 without one is
            // not stopped by it: the second one is meant.
            context.Cancel = true;
            if (Interlocked.Increment(ref interrupts) > 1)
            {
                Kill();
            }
        });
        using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using PosixSignalRegistration onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        using PosixSignalRegistration onQuit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End);
        int exitCode = InNewPidNamespace(TrialInside.CommandLine(server.Mount, cgroup.Entrances, options.Command), started => Volatile.Write(ref pid, started));
        Volatile.Write(ref pid, 0);
        return exitCode;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            Kill();
        }

        void Kill()
        {
            if (Volatile.Read(ref pid) is > 0 and int running)
            {
                _ = Libc.Kill(running, Libc.SIGKILL);
            }
        }
    }

    /// <summary>
    /// Runs a process as the first one of a new pid namespace; its exit code. unshare(2) with CLONE_NEWPID counts for the children of the
    /// thread that calls it, and the child is to end when its parent thread does: so one thread does all of it.
    /// </summary>
    private static int InNewPidNamespace(IReadOnlyList<string> arguments, Action<int> started)
    {
        int exitCode = 0;
        Exception? failure = null;
        Thread parent = new(() =>
        {
            try
            {
                Errno error = Libc.ErrorOf(Libc.Unshare(Libc.CLONE_NEWPID));
                if (error != Errno.None)
                {
                    throw new Failure(ExitCode.Failed, $"cannot make a pid namespace: {Libc.Describe(error)}; run needs CAP_SYS_ADMIN");
                }

                using Process process = Process.Start(new ProcessStartInfo(OwnProgram.Path, arguments))!;
                started(process.Id);
                process.WaitForExit();
                exitCode = process.ExitCode;
            }
            catch (System.ComponentModel.Win32Exception exception)
            {
                failure = new Failure(ExitCode.Failed, $"cannot start {OwnProgram.Path} again: {exception.Message}");
            }
            catch (Failure known)
            {
                failure = known;
            }
        })
        {
            Name = "run",
        };
        parent.Start();
        parent.Join();
        return failure is null ? exitCode : throw failure;
    }
}
