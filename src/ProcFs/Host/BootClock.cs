using ProcFs.Interop;

namespace ProcFs.Host;

/// <summary>
/// Time since boot, suspend included (CLOCK_BOOTTIME, what /proc/uptime and the start times in /proc/pid/stat count), in ns.
/// </summary>
internal sealed class BootClock : TimeProvider
{
    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override long GetTimestamp() => Libc.ClockNanoseconds(Libc.CLOCK_BOOTTIME);
}
