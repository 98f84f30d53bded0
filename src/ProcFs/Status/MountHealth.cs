using System.Globalization;
using ProcFs.Containers;
using ProcFs.Fuse;
using ProcFs.Host;
using ProcFs.Interop;
using ProcFs.Metrics;
using ProcFs.Privileges;
using ProcFs.Text;

namespace ProcFs.Status;

/// <summary>How a mount is, for whoever binds its common files: docs/executors.md.</summary>
/// <param name="Mount">The public mount point.</param>
/// <param name="State">How it is.</param>
/// <param name="Daemon">Who serves it.</param>
/// <param name="Version">The daemon's; null: it is not known.</param>
internal sealed record MountHealth(string Mount, HealthState State, DaemonState Daemon, string? Version)
{
    /// <summary>The words of <see cref="State"/> in JSON. Programs go by them: none is ever changed.</summary>
    private static readonly string[] Words = ["served", "unserved", "starting", "stopped", "hangs", "unmounted"];

    /// <summary>Its common files can be bound and read.</summary>
    public bool IsServed => State == HealthState.Served;

    /// <summary>The state in one word, for programs.</summary>
    public static string WordOf(HealthState state) => Words[(int)state];

    /// <summary>One sentence, with what to try where something is wrong.</summary>
    public string Sentence => string.Create(CultureInfo.InvariantCulture, $"{Mount}: ") + State switch
    {
        HealthState.Served => string.Create(CultureInfo.InvariantCulture, $"served by process {Daemon.Pid}"),
        HealthState.Unserved => "nobody serves it; start the daemon (systemctl start procfs, or procfs supervise)",
        HealthState.Starting => string.Create(CultureInfo.InvariantCulture, $"process {Daemon.Pid} is about to serve it; ask again in a second"),
        HealthState.Stopped => string.Create(CultureInfo.InvariantCulture, $"process {Daemon.Pid}, which serves it, was stopped by a signal; let it go on (kill -CONT {Daemon.Pid})"),
        HealthState.Hangs => string.Create(CultureInfo.InvariantCulture, $"process {Daemon.Pid}, which serves it, has given no sign of life for {Daemon.Silence!.Value.TotalSeconds:0} s; procfs doctor has the line that mends it"),
        _ => string.Create(CultureInfo.InvariantCulture, $"what process {Daemon.Pid} serves is not mounted there; procfs doctor has the line that mends it"),
    };

    /// <summary>
    /// Looks from outside: at locks, counters and mountinfo. Neither is the daemon asked nor a path on the mount looked up, so that nobody can make the caller wait.
    /// </summary>
    /// <param name="roots">The trees of the containers' host.</param>
    /// <param name="runDirectory">Of the daemon.</param>
    /// <param name="mount">Its public mount point.</param>
    /// <exception cref="Failure">This is not root, to whom alone the run directory is open.</exception>
    public static MountHealth Look(HostRoots roots, string runDirectory, string mount)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, $"whether {mount} is served is for root to know, as {runDirectory} is root's alone; run this as root");
        }

        StatsSnapshot? counts = StatsReader.TryRead(runDirectory, mount, out StatsSnapshot counted, out _, roots.Proc) ? counted : null;
        return Of(roots, mount, DaemonState.Look(runDirectory, mount, roots.Proc, counts), counts);
    }

    /// <summary>The same with what was found out of the daemon.</summary>
    /// <param name="roots">The trees of the containers' host.</param>
    /// <param name="mount">The daemon's public mount point.</param>
    /// <param name="daemon">Who has it.</param>
    /// <param name="counts">What was counted; null: nothing.</param>
    public static MountHealth Of(HostRoots roots, string mount, in DaemonState daemon, StatsSnapshot? counts)
    {
        bool isBegun = counts is null || counts.Header.Pid == daemon.Pid;
        MountPointState place = MountPoint.Inspect(mount, procRoot: roots.Proc);
        bool isMounted = place is { Kind: MountPointKind.OwnMount, Root: CommonBind.Directory } && (counts is null || place.DeviceMinor == counts.Header.Connection);
        HealthState state = StateOf(daemon, daemon.IsServed && IsStopped(roots.Proc, daemon.Pid), isBegun, isMounted);
        return new MountHealth(mount, state, daemon, daemon.IsServed && isBegun ? counts?.Version : null);
    }

    /// <summary>What is found out, put together.</summary>
    /// <param name="daemon">Who has the mount point.</param>
    /// <param name="isStopped">Its process was stopped.</param>
    /// <param name="isBegun">The counters are its own, or there are none.</param>
    /// <param name="isMounted">Its connection is on the mount point.</param>
    internal static HealthState StateOf(in DaemonState daemon, bool isStopped, bool isBegun, bool isMounted)
        => !daemon.IsServed ? HealthState.Unserved
            : isStopped ? HealthState.Stopped
            : !isBegun ? HealthState.Starting
            : daemon.Hangs ? HealthState.Hangs
            : isMounted ? HealthState.Served
            : HealthState.Unmounted;

    /// <summary>For programs; what is not known is null.</summary>
    public byte[] Json() => JsonText.Format(json =>
    {
        json.WriteStartObject();
        json.WriteString("mount", Mount);
        json.WriteString("state", WordOf(State));
        json.WriteBoolean("served", IsServed);
        json.WriteNumber("server", Daemon.Pid);
        if (Daemon is { IsServed: true, Silence: { } silence })
        {
            json.WriteNumber("silenceSeconds", Math.Round(silence.TotalSeconds, 3));
        }
        else
        {
            json.WriteNull("silenceSeconds");
        }

        json.WriteString("version", Version);
        json.WriteString("text", Sentence);
        json.WriteEndObject();
    });

    private static bool IsStopped(string procRoot, int pid)
    {
        try
        {
            return ProcessStatus.Parse(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"{procRoot}/{pid}/status"))).State is (byte)'T' or (byte)'t';
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended, and its lock with it
        }
    }
}
