using System.Text;
using ProcFs.Files;
using ProcFs.Fuse;
using ProcFs.Text;

namespace ProcFs.Metrics;

/// <summary>
/// Counters as Prometheus reads them: text format 0.0.4. docs/metrics.md has the same metrics, and a test compares. Allocates nothing, but for a
/// text that is longer than any before.
/// </summary>
internal static class MetricsText
{
    /// <summary>Of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly byte[][] FileLabels = [.. Enumerable.Range(0, StatsLayout.Files).Select(file => Encoding.ASCII.GetBytes(NameOf(file)))];

    private static readonly byte[][] OperationLabels = [.. Enumerable.Range(0, StatsLayout.Operations).Select(opcode => Encoding.ASCII.GetBytes(Connection.NameOf(opcode)))];

    private static readonly (ReadOutcome Outcome, byte[] Label)[] Outcomes =
    [
        (ReadOutcome.Kept, "kept"u8.ToArray()), (ReadOutcome.Made, "made"u8.ToArray()), (ReadOutcome.Reused, "reused"u8.ToArray()), (ReadOutcome.Shared, "shared"u8.ToArray()),
        (ReadOutcome.Host, "host"u8.ToArray()), (ReadOutcome.Pages, "pages"u8.ToArray()), (ReadOutcome.Refused, "refused"u8.ToArray()),
    ];

    /// <summary>Appends all there is to say.</summary>
    /// <param name="counts">What was counted; null: no daemon has begun to since boot.</param>
    /// <param name="state">Who serves now.</param>
    /// <param name="mounts">What containers have; null: nobody looked.</param>
    /// <param name="output">Where to.</param>
    public static void Write(StatsSnapshot? counts, in DaemonState state, MountCounts? mounts, TextBuffer output)
    {
        Head("procfs_up", "gauge", "Whether a daemon serves the mount and says that it is well.", output);
        // Without counters nothing but its lock is known of a daemon.
        Plain("procfs_up"u8, state.IsServed && !state.Hangs && (counts is null || state.Silence is not null) ? 1 : 0, output);
        if (counts is null)
        {
            return;
        }

        WriteDaemon(counts, state, output);
        WriteReads(counts, output);
        WriteRequests(counts, output);
        WriteContainers(counts, state, mounts, output);
        WriteFaults(counts, output);
    }

    private static void WriteDaemon(StatsSnapshot counts, in DaemonState state, TextBuffer output)
    {
        ref readonly StatsHeader header = ref counts.Header;
        Head("procfs_build_info", "gauge", "1, with the version of the daemon that began last.", output);
        output.Write("procfs_build_info{version=\""u8);
        WriteLabel(counts.VersionBytes, output);
        output.Write("\"} 1\n"u8);
        Head("procfs_start_time_seconds", "gauge", "When that daemon began, in seconds since 1970.", output);
        Seconds("procfs_start_time_seconds"u8, Math.Clamp(header.StartedMs, 0, long.MaxValue / 1_000_000) * 1_000_000, output);
        Head("procfs_workers", "gauge", "Threads that answer requests.", output);
        Plain("procfs_workers"u8, Math.Max(header.Workers, 0), output);
        if (state.Silence is { } silence)
        {
            Head("procfs_heartbeat_age_seconds", "gauge", "How long ago the daemon said that it is well.", output);
            Seconds("procfs_heartbeat_age_seconds"u8, silence.Ticks * TimeSpan.NanosecondsPerTick, output);
        }

        Head("procfs_managed_heap_bytes", "gauge", "Managed memory of the daemon, at its last look.", output);
        Plain("procfs_managed_heap_bytes"u8, Math.Max(header.HeapBytes, 0), output);
        Head("procfs_allocated_bytes_total", "counter", "Managed memory that was allocated since the daemon began.", output);
        Plain("procfs_allocated_bytes_total"u8, Math.Max(header.AllocatedBytes, 0), output);
        Head("procfs_collections_total", "counter", "Garbage collections since the daemon began.", output);
        Plain("procfs_collections_total"u8, Math.Max(header.Collections, 0), output);
        if (state.Use is { } use)
        {
            Head("procfs_resident_memory_bytes", "gauge", "Resident memory of the daemon.", output);
            Plain("procfs_resident_memory_bytes"u8, use.ResidentBytes, output);
            Head("procfs_cpu_seconds_total", "counter", "CPU time of the daemon since it began.", output);
            Seconds("procfs_cpu_seconds_total"u8, use.CpuNs, output);
        }

        Head("procfs_open_files", "gauge", "Open files of readers, at the daemon's last look.", output);
        Plain("procfs_open_files"u8, Math.Max(header.OpenFiles, 0), output);
    }

    private static void WriteReads(StatsSnapshot counts, TextBuffer output)
    {
        Head("procfs_reads_total", "counter", "READ requests by file and by where the answer came from.", output);
        for (int file = 0; file < StatsLayout.Files; file++)
        {
            foreach ((ReadOutcome outcome, byte[] label) in Outcomes)
            {
                long reads = counts.Reads(file, outcome);
                if (reads > 0)
                {
                    output.Write("procfs_reads_total{file=\""u8);
                    output.Write(FileLabels[file]);
                    output.Write("\",outcome=\""u8);
                    output.Write(label);
                    output.Write("\"} "u8);
                    Line(reads, output);
                }
            }
        }

        Head("procfs_texts_total", "counter", "Texts begun for readers, by whose file it was: the container's own, or a common one. Opens of files in pages count as one.", output);
        Labelled("procfs_texts_total{files=\"own\"} "u8, counts.Of(StatsEvent.OwnText), output);
        Labelled("procfs_texts_total{files=\"common\"} "u8, counts.Of(StatsEvent.CommonText), output);
        Head("procfs_texts_ahead_total", "counter", "Texts made between a file's open and its first read, while nobody waited.", output);
        Plain("procfs_texts_ahead_total"u8, counts.Of(StatsEvent.MadeAhead), output);
        Head("procfs_page_cache_opens_total", "counter", "Opens of files that the kernel keeps pages of, by whether they were still right.", output);
        Labelled("procfs_page_cache_opens_total{result=\"kept\"} "u8, counts.Of(StatsEvent.PagesKept), output);
        Labelled("procfs_page_cache_opens_total{result=\"dropped\"} "u8, counts.Of(StatsEvent.PagesDropped), output);
    }

    private static void WriteRequests(StatsSnapshot counts, TextBuffer output)
    {
        Head("procfs_requests_total", "counter", "Requests of the kernel by operation.", output);
        for (int opcode = 0; opcode < StatsLayout.Operations; opcode++)
        {
            if (counts.Operations(opcode) is > 0 and long requests)
            {
                OfOperation("procfs_requests_total{operation=\""u8, opcode, requests, output);
            }
        }

        Head("procfs_request_errors_total", "counter", "Requests that were answered with an error, names that do not exist among them.", output);
        for (int opcode = 0; opcode < StatsLayout.Operations; opcode++)
        {
            if (counts.Errors(opcode) is > 0 and long errors)
            {
                OfOperation("procfs_request_errors_total{operation=\""u8, opcode, errors, output);
            }
        }

        Head("procfs_request_duration_seconds", "histogram", "From a request's arrival to its answer: READ, and all others.", output);
        WriteTimes("read"u8, counts, ofReads: true, output);
        WriteTimes("other"u8, counts, ofReads: false, output);
        Head("procfs_longest_request_seconds", "gauge", "How long the oldest request in hand had been there, at the daemon's last look.", output);
        Seconds("procfs_longest_request_seconds"u8, Math.Max(counts.Header.LongestRequestNs, 0), output);
    }

    private static void WriteTimes(ReadOnlySpan<byte> kind, StatsSnapshot counts, bool ofReads, TextBuffer output)
    {
        long sum = 0;
        for (int bucket = 0; bucket <= StatsLayout.Bounds.Length; bucket++)
        {
            sum = Saturating.Add(sum, counts.Times(ofReads, bucket));
            output.Write("procfs_request_duration_seconds_bucket{kind=\""u8);
            output.Write(kind);
            output.Write("\",le=\""u8);
            if (bucket < StatsLayout.Bounds.Length)
            {
                WriteSeconds(StatsLayout.Bounds[bucket], output);
            }
            else
            {
                output.Write("+Inf"u8);
            }

            output.Write("\"} "u8);
            Line(sum, output);
        }

        output.Write("procfs_request_duration_seconds_sum{kind=\""u8);
        output.Write(kind);
        output.Write("\"} "u8);
        WriteSeconds(counts.Times(ofReads, StatsLayout.SumOfTimes), output);
        output.Write("\nprocfs_request_duration_seconds_count{kind=\""u8);
        output.Write(kind);
        output.Write("\"} "u8);
        Line(sum, output);
    }

    private static void WriteContainers(StatsSnapshot counts, in DaemonState state, MountCounts? mounts, TextBuffer output)
    {
        Head("procfs_containers", "gauge", "Registered containers.", output);
        Plain("procfs_containers"u8, Math.Max(counts.Header.Containers, 0), output);
        if (mounts is { } found)
        {
            Head("procfs_container_mounts", "gauge", "Files of ours that are mounted in registered containers: alive, waiting for a daemon, or dead.", output);
            Labelled("procfs_container_mounts{state=\"alive\"} "u8, state.IsServed ? found.Current : 0, output);
            Labelled("procfs_container_mounts{state=\"unserved\"} "u8, state.IsServed ? 0 : found.Current, output);
            Labelled("procfs_container_mounts{state=\"dead\"} "u8, found.Dead, output);
        }

        Head("procfs_registrations_total", "counter", "Registrations of containers, repeated ones among them.", output);
        Labelled("procfs_registrations_total{result=\"ok\"} "u8, counts.Of(StatsEvent.Registered), output);
        Labelled("procfs_registrations_total{result=\"refused\"} "u8, counts.Of(StatsEvent.NotRegistered), output);
        Head("procfs_containers_ended_total", "counter", "Registered containers that have ended.", output);
        Plain("procfs_containers_ended_total"u8, counts.Of(StatsEvent.Ended), output);
        Head("procfs_attaches_confirmed_total", "counter", "How often a hook or procfs attach said that a container has its files.", output);
        Plain("procfs_attaches_confirmed_total"u8, counts.Of(StatsEvent.Confirmed), output);
        Head("procfs_attaches_overdue_total", "counter", "How often the daemon started an attach by itself, since somebody had registered a container and not said that it has its files.", output);
        Plain("procfs_attaches_overdue_total"u8, counts.Of(StatsEvent.Overdue), output);
        Head("procfs_attaches_total", "counter", "Containers that procfs attach went to, by what became of it.", output);
        Labelled("procfs_attaches_total{result=\"changed\"} "u8, counts.Of(StatsEvent.Attached), output);
        Labelled("procfs_attaches_total{result=\"failed\"} "u8, counts.Of(StatsEvent.NotAttached), output);
        Labelled("procfs_attaches_total{result=\"skipped\"} "u8, counts.Of(StatsEvent.AttachSkipped), output);
    }

    private static void WriteFaults(StatsSnapshot counts, TextBuffer output)
    {
        Head("procfs_starts_total", "counter", "Daemons that have begun to serve the mount since boot.", output);
        Plain("procfs_starts_total"u8, counts.Of(StatsEvent.Started), output);
        Head("procfs_takeovers_total", "counter", "Those of them that carried on where a predecessor had ended: restarts that readers did not notice.", output);
        Plain("procfs_takeovers_total"u8, counts.Of(StatsEvent.TakenOver), output);
        Head("procfs_recovered_requests_total", "counter", "Requests answered for a predecessor.", output);
        Plain("procfs_recovered_requests_total"u8, counts.Of(StatsEvent.AnsweredForPredecessor), output);
        Head("procfs_resends_total", "counter", "How often the kernel was asked to send again what was not answered.", output);
        Plain("procfs_resends_total"u8, counts.Of(StatsEvent.Resent), output);
        Head("procfs_poisoned_requests_total", "counter", "Requests given up with EIO, as no daemon had survived them.", output);
        Plain("procfs_poisoned_requests_total"u8, counts.Of(StatsEvent.Poisoned), output);
        Head("procfs_stalls_total", "counter", "How often a request was in hand for so long that the daemon counted as stuck.", output);
        Plain("procfs_stalls_total"u8, counts.Of(StatsEvent.Stalled), output);
        Head("procfs_lost_requests_total", "counter", "How often the kernel waited for an answer while all workers were idle.", output);
        Plain("procfs_lost_requests_total"u8, counts.Of(StatsEvent.Lost), output);
        Head("procfs_connections_lost_total", "counter", "Connections that were ended by somebody else.", output);
        Plain("procfs_connections_lost_total"u8, counts.Of(StatsEvent.ConnectionEnded), output);
        Head("procfs_absent_data_total", "counter", "How often something was not to be had that a text needed, so that it was shown as absent.", output);
        Labelled("procfs_absent_data_total{reason=\"caller_not_visible\"} "u8, counts.Of(StatsEvent.CallerInvisible), output);
        Labelled("procfs_absent_data_total{reason=\"caller_gone\"} "u8, counts.Of(StatsEvent.CallerGone), output);
        Labelled("procfs_absent_data_total{reason=\"cgroup_vanished\"} "u8, counts.Of(StatsEvent.CgroupVanished), output);
        Labelled("procfs_absent_data_total{reason=\"cgroup_file_unreadable\"} "u8, counts.Of(StatsEvent.CgroupUnreadable), output);
        Labelled("procfs_absent_data_total{reason=\"out_of_descriptors\"} "u8, counts.Of(StatsEvent.OutOfDescriptors), output);
        Head("procfs_fallbacks_total", "counter", "How often something else was served than what was meant, or in a slower way.", output);
        Labelled("procfs_fallbacks_total{reason=\"number_unknown\"} "u8, counts.Of(StatsEvent.NumberUnknown), output);
        Labelled("procfs_fallbacks_total{reason=\"container_ended\"} "u8, counts.Of(StatsEvent.ContainerEnded), output);
        Labelled("procfs_fallbacks_total{reason=\"open_file_unknown\"} "u8, counts.Of(StatsEvent.OpenFileUnknown), output);
    }

    private static void Head(string name, string type, string help, TextBuffer output)
    {
        output.Write("# HELP "u8);
        Ascii(name, output);
        output.Write((byte)' ');
        Ascii(help, output);
        output.Write("\n# TYPE "u8);
        Ascii(name, output);
        output.Write((byte)' ');
        Ascii(type, output);
        output.Write((byte)'\n');
    }

    private static void OfOperation(ReadOnlySpan<byte> name, int opcode, long value, TextBuffer output)
    {
        output.Write(name);
        output.Write(OperationLabels[opcode]);
        output.Write("\"} "u8);
        Line(value, output);
    }

    private static void Plain(ReadOnlySpan<byte> name, long value, TextBuffer output)
    {
        output.Write(name);
        output.Write((byte)' ');
        Line(value, output);
    }

    private static void Labelled(ReadOnlySpan<byte> name, long value, TextBuffer output)
    {
        output.Write(name);
        Line(value, output);
    }

    private static void Seconds(ReadOnlySpan<byte> name, long ns, TextBuffer output)
    {
        output.Write(name);
        output.Write((byte)' ');
        WriteSeconds(ns, output);
        output.Write((byte)'\n');
    }

    private static void Line(long value, TextBuffer output)
    {
        output.Write(value);
        output.Write((byte)'\n');
    }

    /// <summary>ns as seconds: all digits, without zeros at the end.</summary>
    private static void WriteSeconds(long ns, TextBuffer output)
    {
        const long second = 1_000_000_000;
        output.Write(ns / second);
        long rest = ns % second;
        if (rest > 0)
        {
            output.Write((byte)'.');
            for (long digit = second / 10; rest > 0; digit /= 10)
            {
                output.Write((byte)('0' + (rest / digit)));
                rest %= digit;
            }
        }
    }

    /// <summary>A label's value: quotes and backslashes are escaped, and there are no line ends in a version.</summary>
    private static void WriteLabel(ReadOnlySpan<byte> value, TextBuffer output)
    {
        foreach (byte character in value)
        {
            if (character is (byte)'"' or (byte)'\\')
            {
                output.Write((byte)'\\');
            }

            output.Write(character == (byte)'\n' ? (byte)' ' : character);
        }
    }

    private static void Ascii(string text, TextBuffer output)
    {
        foreach (char character in text)
        {
            output.Write((byte)character);
        }
    }

    private static string NameOf(int file)
    {
        if (file == StatsLayout.CpuFilesRow)
        {
            return "sys/devices/system/cpu/*";
        }

        foreach ((ushort number, IProcFile served) in ProcFiles.All)
        {
            if (number == StatsLayout.NumberOf(file))
            {
                return served.Path;
            }
        }

        // Of another version of this program.
        return "file " + StatsLayout.NumberOf(file).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
