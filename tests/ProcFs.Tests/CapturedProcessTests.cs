using ProcFs.Containers;
using ProcFs.Interop;
using ProcFs.Text;
using static ProcFs.Tests.Support.Hostile;

namespace ProcFs.Tests;

/// <summary>
/// What is read of processes, from the captured hosts: each parser gets each prefix of each file of its kind and 100,000 mutations of them.
/// No exception comes out, and each number that does is one that the text says.
/// </summary>
public sealed class CapturedProcessTests
{
    private static readonly byte[][] Offsets =
    [
        "monotonic           0         0\nboottime            0         0\n"u8.ToArray(),
        "monotonic       86400         0\nboottime      -604800 250000000\n"u8.ToArray(),
        "monotonic          -1 999999999\nboottime   4611686017 999999999\n"u8.ToArray(),
    ];

    [Fact]
    public void Stat_of_processes_and_threads() => Attack(Captured.Texts("proc/[^/]+/(?:task/[^/]+/)?stat"), 1, text =>
        !ProcessStat.TryParse(text, out ProcessStat stat)
        || (IsSaid(stat.StartTicks, text) && text.Contains(stat.State)
            && (stat.StartNs == long.MaxValue || (stat.StartNs >= 0 && stat.StartNs / ProcessStat.TickNs == stat.StartTicks))));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Status_of_processes_and_threads(int depth) => Attack(Captured.Texts("proc/[^/]+/(?:task/[^/]+/)?status"), 2 + depth, text =>
    {
        ProcessStatus status = ProcessStatus.Parse(text, depth);
        return IsSaidOrNone(status.ParentPid, text) && IsSaidOrNone(status.Threads, text) && IsSaidOrNone(status.NamespacePid, text)
            && status.NamespaceDepth >= 0 && status.NamespaceDepth <= text.Length / 2 && (status.State == 0 || text.Contains(status.State));
    });

    [Fact]
    public void Offsets_of_time_namespaces() => Attack(Offsets, 5, text =>
    {
        long offset = TimeOffsets.BootNs(text);
        long seconds = (long)Math.Floor(offset / 1e9m);
        return offset == 0 || (IsSaid(Math.Abs(seconds), text) && IsSaid(offset - (seconds * 1_000_000_000), text) && (offset > 0 || text.Contains((byte)'-')));
    });

    [Fact]
    public void Numbers_in_directories()
    {
        byte[][] records = [.. Captured.Hosts.SelectMany(host => Directory.EnumerateDirectories(Path.Combine(host, "proc")).Prepend(Path.Combine(host, "proc")))
            .SelectMany(directory => new[] { directory, Path.Combine(directory, "task") }).Where(Directory.Exists).Select(RecordsOf).Where(read => read.Length > 100)];
        Assert.InRange(records.Length, 5, 500);
        Attack(records, 6, text =>
        {
            DirectoryRecords entries = new(text);
            int count = 0;
            while (entries.TryReadNext(out ReadOnlySpan<byte> name, out _))
            {
                if (++count > text.Length / 20 || name.IsEmpty || name[^1] != 0 || (NumberText.TryParse(name[..^1], out int number) && !IsSaid(number, text)))
                {
                    return false;
                }
            }

            return true;
        });
        DirectoryRecords whole = new(records[0]);
        Assert.True(whole.TryReadNext(out ReadOnlySpan<byte> first, out _) && first.Length > 1);
    }

    [Fact]
    public void Lines_and_fields_of_all_texts() => Attack(Captured.Texts("proc/(?:meminfo|stat|uptime|diskstats|swaps|[^/]+/(?:stat|status|cgroup))"), 7, text =>
    {
        int length = 0;
        ReadOnlySpan<byte> rest = text;
        while (TextLines.TryReadLine(ref rest, out ReadOnlySpan<byte> line))
        {
            length += line.Length + 1;
            if (line.Contains((byte)'\n'))
            {
                return false;
            }

            for (ReadOnlySpan<byte> left = line; TextLines.NextField(ref left) is { IsEmpty: false } field;)
            {
                ReadOnlySpan<byte> again = field;
                bool isNumber = NumberText.TryParse(field, out long number);
                if ((isNumber ? !IsSaid(number, field) || field.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0 : number != 0) || TextLines.NextNumber(ref again) != number || field.IndexOfAny(" \t"u8) >= 0)
                {
                    return false;
                }
            }
        }

        return length == text.Length + (text.Length == 0 || text[^1] == '\n' ? 0 : 1);
    });

    private static bool IsSaidOrNone(int number, ReadOnlySpan<byte> text) => number is 0 or int.MaxValue || IsSaid(number, text);

    private static byte[] RecordsOf(string directory)
    {
        using FileDescriptor file = FileDescriptor.Open(directory, Libc.O_RDONLY | Libc.O_DIRECTORY, out _)!;
        byte[] buffer = new byte[16384];
        nint length = Libc.Getdents64(file.Number, buffer);
        return buffer[..(int)length];
    }
}
