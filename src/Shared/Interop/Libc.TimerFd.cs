using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// timerfd_create(2)
internal static unsafe partial class Libc
{
    private const int TFD_CLOEXEC = 0x80000;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>A timer by CLOCK_MONOTONIC that is not set. Reading it waits until it has expired. The descriptor, or -errno.</summary>
    public static int CreateTimer() => (int)Result(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));

    /// <summary>Sets a timer to expire once, in so many ns; 0: not at all, and an expiry that nobody has read is forgotten. 0, or -errno.</summary>
    public static int SetTimer(int timer, long inNs)
    {
        TimerSpec spec = new() { ValueSeconds = inNs / NanosecondsPerSecond, ValueNs = inNs % NanosecondsPerSecond };
        return (int)Result(timerfd_settime(timer, 0, &spec, null));
    }

    /// <summary>struct itimerspec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimerSpec
    {
        public long IntervalSeconds;
        public long IntervalNs;
        public long ValueSeconds;
        public long ValueNs;
    }

    [LibraryImport(Library)]
    private static partial int timerfd_create(int clockid, int flags);

    [LibraryImport(Library)]
    private static partial int timerfd_settime(int fd, int flags, TimerSpec* newValue, TimerSpec* oldValue);
}
