using System.Diagnostics;
using System.Runtime.InteropServices;
using ProcFs.Cgroups;
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
        using Process inside = StartInNewPidNamespace(TrialInside.CommandLine(server.Mount, cgroup.Entrances, options.Command));
        Volatile.Write(ref pid, inside.Id);
        inside.WaitForExit();
        Volatile.Write(ref pid, 0);
        return inside.ExitCode;

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

    /// <summary>unshare(2) with CLONE_NEWPID counts for the children of the thread that calls it; so that thread starts the child, and ends.</summary>
    private static Process StartInNewPidNamespace(IReadOnlyList<string> arguments)
    {
        Process? process = null;
        Exception? failure = null;
        Thread starter = new(() =>
        {
            Errno error = Libc.ErrorOf(Libc.Unshare(Libc.CLONE_NEWPID));
            if (error != Errno.None)
            {
                failure = new Failure(ExitCode.Failed, $"cannot make a pid namespace: {Libc.Describe(error)}; run needs CAP_SYS_ADMIN");
                return;
            }

            try
            {
                process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments));
            }
            catch (System.ComponentModel.Win32Exception exception)
            {
                failure = new Failure(ExitCode.Failed, $"cannot start {Environment.ProcessPath} again: {exception.Message}");
            }
        });
        starter.Start();
        starter.Join();
        return process ?? throw failure ?? new Failure(ExitCode.Failed, "the command could not be started");
    }
}
