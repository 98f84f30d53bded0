using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/uptime: since the container's start, and idle time of all its CPUs. docs/fields/uptime.md.</summary>
internal sealed class UptimeFile : IProcFile
{
    private const long HundredthNs = 10_000_000;

    public string Path => "proc/uptime";

    public Facts Facts => Facts.Cpus | Facts.CpuTimes;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.IsHostProcess;

    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        // An offset was chosen by the runtime, so that the start times the container sees fit this uptime.
        long uptime = snapshot.BootOffsetNs != 0 ? snapshot.NowNs + snapshot.BootOffsetNs : snapshot.NowNs - (snapshot.StartNs ?? snapshot.NowNs);
        Write(output, Math.Max(0, uptime));
        output.Write((byte)' ');
        Write(output, snapshot.CpuTimes.Sum.IdleNs);
        output.Write((byte)'\n');
    }

    /// <summary>Seconds with two digits, cut, not rounded.</summary>
    private static void Write(TextBuffer output, Int128 nanoseconds)
    {
        long hundredths = (long)(nanoseconds / HundredthNs);
        output.Write(hundredths / 100);
        output.Write((byte)'.');
        output.WriteTwoDigits(hundredths % 100);
    }
}
