using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Sampling;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/proc/stat. Where each field comes from: docs/fields/stat.md.</summary>
internal sealed class StatFile : IProcFile
{
    public string Path => "proc/stat";

    public Facts Facts => Facts.Cpus | Facts.CpuTimes | Facts.Threads;

    /// <summary>In a time namespace the kernel's own file has another boot time than ours can read.</summary>
    public bool ShowsHost(ContainerSnapshot snapshot) => HasHostCounters(snapshot) && snapshot.BootOffsetNs == 0;

    /// <summary>The CPU lines, then the host's other keys in the host's order with the container's values, zero where it has none.</summary>
    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        if (HasHostCounters(snapshot))
        {
            WriteHostWithBootTime(snapshot, output);
            return;
        }

        WriteCpu(output, "cpu "u8, snapshot.CpuTimes.Sum);
        for (int cpu = 0; cpu < snapshot.CpuTimes.Visible; cpu++)
        {
            output.Write("cpu"u8);
            output.Write(snapshot.Cpus.NumberOf(cpu));
            WriteCpu(output, default, snapshot.CpuTimes[cpu]);
        }

        ReadOnlySpan<byte> host = snapshot.Host.Stat.Text;
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            ReadOnlySpan<byte> key = TextLines.NextField(ref line);
            if (!key.IsEmpty && !key.StartsWith("cpu"u8))
            {
                output.Write(key);
                output.Write((byte)' ');
                WriteValue(output, key, snapshot);
                output.Write((byte)'\n');
            }
        }
    }

    private static bool HasHostCounters(ContainerSnapshot snapshot)
        => snapshot.Cpus.IsWholeHost && (snapshot.IsHostProcess || snapshot.Resources.CpuUsageScope == ControllerScope.Root);

    private static void WriteHostWithBootTime(ContainerSnapshot snapshot, TextBuffer output)
    {
        ReadOnlySpan<byte> host = snapshot.Host.Stat.Text;
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> line))
        {
            if (line.StartsWith("btime "u8))
            {
                output.Write("btime "u8);
                output.Write(BootTime(snapshot));
            }
            else
            {
                output.Write(line);
            }

            output.Write((byte)'\n');
        }
    }

    private static void WriteValue(TextBuffer output, ReadOnlySpan<byte> key, ContainerSnapshot snapshot)
    {
        if (key.SequenceEqual("softirq"u8))
        {
            output.Write("0 0 0 0 0 0 0 0 0 0 0"u8);
            return;
        }

        output.Write(key switch
        {
            _ when key.SequenceEqual("btime"u8) => BootTime(snapshot),
            _ when key.SequenceEqual("processes"u8) => snapshot.Threads.HighestPid,
            // At least the reader itself would be running.
            _ when key.SequenceEqual("procs_running"u8) => Math.Max(1, snapshot.Threads.Running),
            _ when key.SequenceEqual("procs_blocked"u8) => snapshot.Threads.Blocked,
            _ => 0,
        });
    }

    /// <summary>Derived from the host's line, so that it stands still between reads and follows a step of the clock.</summary>
    private static long BootTime(ContainerSnapshot snapshot)
    {
        long host = snapshot.Host.Stat.BootTimeSeconds;
        if (snapshot.BootOffsetNs != 0)
        {
            return (long)Math.Clamp(host - Math.Floor(snapshot.BootOffsetNs / 1e9m), 0, long.MaxValue);
        }

        return snapshot.Options.ContainerBootTime ? Saturating.Add(host, (snapshot.StartNs ?? 0) / 1_000_000_000) : host;
    }

    /// <summary>user nice system idle iowait irq softirq steal guest guest_nice, in ticks of 10 ms, cut. A cgroup has no source for the last six.</summary>
    private static void WriteCpu(TextBuffer output, ReadOnlySpan<byte> label, in CpuTime time)
    {
        output.Write(label);
        WriteTicks(output, time.UserNs);
        WriteTicks(output, time.NiceNs);
        WriteTicks(output, time.SystemNs);
        WriteTicks(output, time.IdleNs);
        output.Write(" 0 0 0 0 0 0\n"u8);
    }

    private static void WriteTicks(TextBuffer output, Int128 nanoseconds)
    {
        output.Write((byte)' ');
        // A division of 128 bits costs as much as all the rest of the line, and only the sum of many CPUs needs it.
        output.Write(nanoseconds <= long.MaxValue ? (long)nanoseconds / ProcessStat.TickNs : (long)(nanoseconds / ProcessStat.TickNs));
    }
}
