using System.Runtime.InteropServices;

namespace ProcFs.Interop;

// clock_gettime(2)
internal static unsafe partial class Libc
{
    public const int CLOCK_REALTIME = 0;
    public const int CLOCK_MONOTONIC = 1;
    public const int CLOCK_BOOTTIME = 7;

    /// <summary>Nanoseconds of a clock.</summary>
    public static long ClockNanoseconds(int clock)
    {
        Timespec time;
        if (clock_gettime(clock, &time) != 0)
        {
            throw new InvalidOperationException($"clock_gettime({clock}): {Describe((Errno)Marshal.GetLastSystemError())}");
        }

        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport(Library)]
    private static partial int clock_gettime(int clockid, Timespec* tp);
}
