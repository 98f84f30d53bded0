using System.Collections;
using System.Diagnostics;
using ProcFs.Hook;
using ProcFs.Interop;

namespace ProcFs.Children;

/// <summary>
/// This program started again for another verb: for what may have to wait for a mount of ours, or enters containers, and for that reason is
/// never done by a server or a keeper itself. In a process group of its own; says what it has to say where we do.
/// </summary>
internal sealed class ChildVerb : IChildVerb
{
    /// <summary>Where the end cannot be waited for (before Linux 5.3) it is asked for so often.</summary>
    private const int AskEveryMs = 10;

    private readonly Lock _lock = new(); // between taking its end and a signal: after that the number is another's
    private readonly int _pid;
    private bool _hasEnded;
    private int? _exitCode;

    private ChildVerb(int pid)
    {
        _pid = pid;
        Descriptor = Libc.PidfdOpen(pid);
    }

    public int Descriptor { get; private set; }

    /// <summary>Its number, which is its own until its end was asked for.</summary>
    public int Pid => _pid;

    /// <summary>Starts it; null and the error when that fails.</summary>
    /// <param name="arguments">From the verb on.</param>
    /// <param name="error">Why not.</param>
    /// <param name="isOfService">A daemon, keeper or supervisor starts it, and nobody by hand.</param>
    public static ChildVerb? Start(IReadOnlyList<string> arguments, out Errno error, bool isOfService = false)
    {
        IDictionary ours = Environment.GetEnvironmentVariables();
        int pid = Libc.Spawn(OwnProgram.Path, ["procfs", .. arguments], isOfService ? ChildEnvironment.ForService(ours) : ChildEnvironment.Of(ours), []);
        error = Libc.ErrorOf(pid);
        return pid > 0 ? new ChildVerb(pid) : null;
    }

    /// <summary>A child that somebody else started.</summary>
    /// <param name="pid">It has not been waited for.</param>
    public static ChildVerb Of(int pid) => new(pid);

    public bool HasEnded(out int? exitCode)
    {
        lock (_lock)
        {
            if (!_hasEnded)
            {
                int taken = Libc.TakeEnded(_pid, out Libc.ChildEnd end);
                // -ECHILD: somebody else took it. As process 1 the runtime takes everybody.
                _hasEnded = taken != 0;
                _exitCode = taken == _pid ? end.ExitCode : null;
            }

            exitCode = _exitCode;
            return _hasEnded;
        }
    }

    /// <summary>Waits for its end; false when the time was too short.</summary>
    public bool WaitForEnd(TimeSpan within, out int? exitCode)
    {
        long start = Stopwatch.GetTimestamp();
        while (!HasEnded(out exitCode))
        {
            TimeSpan left = within - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            int most = (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 1, int.MaxValue);
            Libc.PollFd end = new() { Fd = Descriptor, Events = Libc.POLLIN };
            _ = Libc.Poll(new Span<Libc.PollFd>(ref end), Descriptor < 0 ? Math.Min(most, AskEveryMs) : most);
        }

        return true;
    }

    /// <summary>Ends it, if it has not ended.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            if (!_hasEnded)
            {
                _ = Libc.Kill(_pid, Libc.SIGKILL); // not taken yet: the number is still its own
            }
        }
    }

    /// <summary>Also ends one that has not ended. One that not even this can end, because it waits for the kernel, is left behind.</summary>
    public void Dispose()
    {
        Kill();
        _ = WaitForEnd(TimeSpan.FromMilliseconds(100), out _);
        if (Descriptor >= 0)
        {
            _ = Libc.Close(Descriptor);
            Descriptor = -1;
        }
    }
}
