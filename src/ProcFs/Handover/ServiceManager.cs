using System.Globalization;
using System.Text;
using ProcFs.Interop;

namespace ProcFs.Handover;

/// <summary>
/// Words with whoever started this process, sd_notify(3): systemd, or our own supervisor. Without one every message is simply not sent.
/// No message waits longer than a second for a manager that does not read.
/// </summary>
internal sealed class ServiceManager : IDisposable
{
    private static readonly TimeSpan SendsWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BarrierWithin = TimeSpan.FromSeconds(5);

    private readonly byte[]? _address;
    private volatile bool _isGone;
    private readonly int _socket = -1;

    private ServiceManager(byte[]? address, TimeSpan? watchdogInterval, bool storesUnmounted, bool keepsDescriptors)
    {
        _address = address;
        KeepsDescriptors = keepsDescriptors;
        WatchdogInterval = watchdogInterval;
        StoresUnmounted = storesUnmounted;
        if (address is not null)
        {
            _socket = Libc.LocalSocket(Libc.SOCK_DGRAM);
            _ = Libc.SetSocketTimeout(_socket, SendsWithin);
        }
    }

    /// <summary>Nobody: for programs that have no manager, or do not talk to theirs.</summary>
    public static ServiceManager None { get; } = new(null, null, false, false);

    /// <summary>Whether there is one that listens.</summary>
    public bool IsPresent => _socket >= 0;

    /// <summary>Whether nobody listened any more when something was last sent. One that is busy, and does not read in time, is not gone.</summary>
    public bool IsGone => _isGone;

    /// <summary>How often <see cref="Watchdog"/> is expected, at the least; null: it is not.</summary>
    public TimeSpan? WatchdogInterval { get; }

    /// <summary>
    /// Whether it can store a device before that is mounted: it knows FDPOLL=0 and BARRIER=1. An older one drops an unmounted device from
    /// its store without a word: with that one, mount first and store then.
    /// </summary>
    public bool StoresUnmounted { get; }

    /// <summary>
    /// Whether it started this very process and can keep descriptors for the next one: systemd or our own supervisor. Others listen to
    /// notifications as well (container engines), or the socket was inherited by chance.
    /// </summary>
    public bool KeepsDescriptors { get; }

    /// <summary>Reads the environment and takes these variables out of it: they are not for this process's children.</summary>
    /// <param name="isSupervised">Our own supervisor is the manager.</param>
    public static ServiceManager Claim(bool isSupervised)
    {
        string? address = Remove("NOTIFY_SOCKET");
        string? interval = Remove("WATCHDOG_USEC");
        string? watched = Remove("WATCHDOG_PID");
        // Set by systemd from 248 on, for the process it starts; FDPOLL and BARRIER came with 246.
        string? started = Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID");
        bool isSystemd = started is null ? Libc.ParentProcessId() == 1 : started == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        return From(address, interval, watched, Environment.ProcessId, isSupervised || (isSystemd && started is not null), isSupervised || isSystemd);
    }

    /// <summary>Same, from the variables; null: not set.</summary>
    public static ServiceManager From(string? address, string? watchdogUsec, string? watchdogPid, int ownPid, bool storesUnmounted, bool keepsDescriptors = true)
    {
        byte[]? name = NotifyAddress.Parse(address);
        bool isWatched = name is not null && (watchdogPid is null || watchdogPid == ownPid.ToString(CultureInfo.InvariantCulture));
        TimeSpan? interval = isWatched && long.TryParse(watchdogUsec, NumberStyles.None, CultureInfo.InvariantCulture, out long usec)
            && usec > 0 && usec < TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond
            ? TimeSpan.FromTicks(usec * TimeSpan.TicksPerMicrosecond)
            : null;
        return new ServiceManager(name, interval, name is not null && storesUnmounted, name is not null && keepsDescriptors);
    }

    /// <summary>Start-up is finished.</summary>
    /// <param name="status">One line for people; null: none.</param>
    public bool Ready(string? status = null) => Send(status is null ? "READY=1" : "READY=1\nSTATUS=" + OneLine(status), []);

    public bool Stopping() => Send("STOPPING=1", []);

    /// <summary>What people see as the state of the service.</summary>
    public bool Status(string text) => Send("STATUS=" + OneLine(text), []);

    /// <summary>Still alive.</summary>
    public bool Watchdog() => Send("WATCHDOG=1", []);

    /// <summary>Has a copy of a descriptor kept, to be passed to the next life of the service under this name.</summary>
    /// <remarks>FDPOLL=0: an unmounted device says POLLERR, for which it would be dropped again.</remarks>
    public bool Store(int descriptor, string name) => Send($"FDSTORE=1\nFDNAME={name}\nFDPOLL=0", [descriptor]);

    /// <summary>Has every copy under this name closed.</summary>
    public bool Forget(string name) => Send($"FDSTOREREMOVE=1\nFDNAME={name}", []);

    /// <summary>Waits until everything sent so far is done, at most five seconds; false when that is not known.</summary>
    public bool Barrier() => Barrier(BarrierWithin);

    /// <inheritdoc cref="Barrier()"/>
    public bool Barrier(TimeSpan within)
    {
        if (!IsPresent || Libc.Pipe(out int readEnd, out int writeEnd) < 0)
        {
            return false;
        }

        // The manager closes its copy when its turn comes: then nobody has the write end any more.
        bool isSent = Send("BARRIER=1", [writeEnd]);
        _ = Libc.Close(writeEnd);
        Libc.PollFd[] wait = [new Libc.PollFd { Fd = readEnd }];
        bool isDone = isSent && Libc.Poll(wait, (int)within.TotalMilliseconds) > 0 && (wait[0].Revents & Libc.POLLHUP) != 0;
        _ = Libc.Close(readEnd);
        return isDone;
    }

    public void Dispose()
    {
        if (IsPresent)
        {
            _ = Libc.Close(_socket);
        }
    }

    private bool Send(string message, ReadOnlySpan<int> descriptors)
    {
        if (!IsPresent)
        {
            return false;
        }

        Errno error = Libc.ErrorOf(Libc.SendMessage(_socket, _address, Encoding.UTF8.GetBytes(message), descriptors, 0));
        _isGone = error is Errno.ECONNREFUSED or Errno.ENOENT or Errno.ENOTCONN;
        return error == Errno.None;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string? Remove(string variable)
    {
        string? value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, null);
        return value;
    }
}
