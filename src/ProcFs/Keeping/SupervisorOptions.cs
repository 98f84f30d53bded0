using ProcFs.Interop;
using ProcFs.Serving;

namespace ProcFs.Keeping;

/// <summary>What a supervisor starts, and how patient it is.</summary>
internal sealed record SupervisorOptions
{
    /// <summary>The program, and all of its arguments from argv[0] on.</summary>
    public required string Program { get; init; }

    /// <inheritdoc cref="Program"/>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The canonical path of the mount that it serves.</summary>
    public required string Mount { get; init; }

    public required string RunDirectory { get; init; }

    public required KeepingRules Rules { get; init; }

    /// <summary>A server that does not say for so long that it is alive is killed.</summary>
    public TimeSpan Watchdog { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So is one that is not ready after so long.</summary>
    public TimeSpan ReadyWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>And one that is told to end and has not.</summary>
    public TimeSpan EndsWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a server that we did not start has to register.</summary>
    public TimeSpan RegistersWithin { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A ready server that lived less long than this is restarted after a short rest.</summary>
    public TimeSpan GoodLife { get; init; } = TimeSpan.FromMilliseconds(100);

    public Backoff Backoff { get; init; } = new();

    /// <summary>Takes every ended process, not only the server: as process 1, all orphans are ours.</summary>
    public bool ReapsAll { get; init; } = Environment.ProcessId == 1;

    /// <summary>A descriptor that is readable when a process has ended; negative: there is none.</summary>
    public Func<int, int> Watch { get; init; } = Libc.PidfdOpen;

    /// <summary>Who has the lock of the mount; 0: nobody.</summary>
    public Func<string, string, int> Holder { get; init; } = ServerLock.Holder;

    /// <summary>Sends a signal to a process that we did not start.</summary>
    public Action<int, int> Signal { get; init; } = (pid, signal) => _ = Libc.Kill(pid, signal);
}
