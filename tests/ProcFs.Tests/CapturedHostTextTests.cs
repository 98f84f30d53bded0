using System.Buffers.Text;
using System.Text;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Tests;

/// <summary>
/// The host's own files through the renderers: a container is shown each prefix of each captured file, and 100,000 mutations of them.
/// No exception, no negative number, none that the text or the container's cgroup does not account for.
/// </summary>
public sealed class CapturedHostTextTests : IDisposable
{
    // Of the container: nothing that is computed from it alone is larger.
    private const long LimitKb = 524288;

    private readonly HostTree _host = HostTree.V2().Cgroup("/c", ("memory.max", "536870912"), ("memory.current", "4096000"), ("memory.stat", "file 8192\nanon 4096"),
        ("memory.swap.max", "268435456"), ("memory.swap.current", "4096"), ("cpu.stat", "usage_usec 7000000\nuser_usec 5000000\nsystem_usec 2000000"),
        ("cgroup.procs", "50"), ("io.stat", "254:0 rbytes=1048576 wbytes=2097152 rios=3 wios=4 dbytes=0 dios=0\n7:0 rbytes=512 wbytes=0 rios=1 wios=0 dbytes=0 dios=0"))
        .Process(50, 100000, "/c");

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("meminfo")]
    [InlineData("swaps")]
    public void Meminfo(string file) => Render(file, "proc/meminfo", Captured.Texts("proc/meminfo"), 10, (text, shown) =>
        file == "swaps" ? EachNumber(shown, skip: 0, number => number <= LimitKb) : EachLine(shown, line => line.IndexOf((byte)':') is > 0 and int colon
            && EachNumber(line[(colon + 1)..], skip: 0, number => number <= 2 * LimitKb || Hostile.IsSaid(number, text))));

    [Theory]
    [InlineData("proc/sys/vm/overcommit_ratio")]
    [InlineData("proc/sys/vm/overcommit_kbytes")]
    public void Overcommit(string hostFile) => Render("meminfo", hostFile, Captured.Texts(hostFile), 11, (_, shown) =>
        EachLine(shown, line => EachNumber(line[line.IndexOf((byte)':')..], skip: 0, _ => true)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stat(bool containerBootTime) => Render("stat", "proc/stat", Captured.Texts("proc/stat"), 12, (text, shown) =>
        EachLine(shown, line => line.StartsWith("btime "u8)
            ? EachNumber(line, skip: 1, number => number == long.MaxValue || Hostile.IsSaid(containerBootTime ? number - 1000 : number, text))
            : EachNumber(line, skip: 1, number => number <= 1_000_000_000)), new ViewOptions { ContainerBootTime = containerBootTime });

    [Fact]
    public void Diskstats() => Render("diskstats", "proc/diskstats", Captured.Texts("proc/diskstats"), 13, (text, shown) =>
        EachLine(shown, line => EachNumber(line, skip: 3, number => number <= 4096)));

    [Fact]
    public void Online_cpus()
    {
        using Shown shown = new(_host, "cpu/online", "sys/devices/system/cpu/online", new ViewOptions());
        Hostile.Attack(Captured.Texts("sys/devices/system/cpu/(?:online|possible|present)"), 14, text =>
        {
            // Where the file makes no sense, the lines of the stat file count: four of them.
            int count = CpuSet.TryParse(text, out CpuSet set) && set.Count > 0 ? set.Count : 4;
            return Encoding.ASCII.GetString(shown.Render(text)) == (count == 1 ? "0\n" : $"0-{count - 1}\n");
        });
    }

    /// <summary>Each line shown is the host's next one, or one of the four that are computed.</summary>
    [Fact]
    public void Cpuinfo()
    {
        IReadOnlyCollection<byte[]> texts =
            [.. Captured.Texts("proc/cpuinfo"), .. Directory.EnumerateFiles(Path.Combine(Fixtures.Root, "cpuinfo")).Where(file => !file.EndsWith(".md", StringComparison.Ordinal)).Select(File.ReadAllBytes)];
        int online = 3;
        using FileStream onlineFile = new(_host.Path("sys/devices/system/cpu/online"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        Render("cpuinfo", "proc/cpuinfo", texts, 15, (text, shown) =>
        {
            ReadOnlySpan<byte> host = text;
            while (TextLines.TryReadLine(ref shown, out ReadOnlySpan<byte> line))
            {
                if (!TryFind(ref host, line, online))
                {
                    return false;
                }
            }

            return true;
        }, before: () =>
        {
            // Read anew only when the set of CPUs changes.
            online ^= 1;
            RandomAccess.Write(onlineFile.SafeFileHandle, online == 3 ? "0-2\n"u8 : "0-1\n"u8, 0);
        });
    }

    private static bool TryFind(ref ReadOnlySpan<byte> host, scoped ReadOnlySpan<byte> line, int cpus)
    {
        while (TextLines.TryReadLine(ref host, out ReadOnlySpan<byte> original))
        {
            int colon = original.IndexOf((byte)':');
            if (line.SequenceEqual(original) || (colon > 0 && IsComputed(line, original[..colon], cpus)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsComputed(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, int cpus)
    {
        int colon = line.IndexOf((byte)':');
        if (line.StartsWith("processor "u8) && key.StartsWith("processor "u8) && colon > 0 && NumberText.TryParse(line[10..colon], out long cpu))
        {
            return cpu < cpus;
        }

        return colon == key.Length && line.StartsWith(key) && line[(colon + 1)..].StartsWith(" "u8)
            && NumberText.TryParse(line[(colon + 2)..], out long number) && number <= cpus;
    }

    private void Render(string file, string hostFile, IReadOnlyCollection<byte[]> texts, int seed, Check holds, ViewOptions? options = null, Action? before = null)
    {
        using Shown shown = new(_host, file, hostFile, options ?? new ViewOptions());
        int lines = 0;
        Hostile.Attack(texts, seed, text =>
        {
            before?.Invoke();
            ReadOnlySpan<byte> output = shown.Render(text);
            lines += output.Length > 0 ? 1 : 0;
            return holds(text, output);
        });
        Assert.True(lines > Hostile.Mutations / 2, "hardly anything was shown");
    }

    private static bool EachLine(ReadOnlySpan<byte> text, Line holds)
    {
        bool ok = text.IsEmpty || text[^1] == '\n';
        while (ok && TextLines.TryReadLine(ref text, out ReadOnlySpan<byte> line))
        {
            ok = holds(line);
        }

        return ok;
    }

    /// <summary>The fields that look like numbers, after those that the host names; one that is negative or does not fit is wrong.</summary>
    private static bool EachNumber(ReadOnlySpan<byte> line, int skip, Func<long, bool> holds)
    {
        for (int field = 0; TextLines.NextField(ref line) is { IsEmpty: false } word; field++)
        {
            if (field < skip || word[0] is not ((byte)'-' or (>= (byte)'0' and <= (byte)'9')))
            {
                continue;
            }

            if (!Utf8Parser.TryParse(word, out long number, out _) || number < 0 || !holds(number))
            {
                return false;
            }
        }

        return true;
    }

    private delegate bool Check(byte[] text, ReadOnlySpan<byte> shown);

    private delegate bool Line(ReadOnlySpan<byte> line);

    /// <summary>One file for one container, of whose host one file is written over and over.</summary>
    private sealed class Shown(HostTree host, string file, string hostFile, ViewOptions options) : IDisposable
    {
        private readonly FileStream _hostFile = new(host.Path(hostFile), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        private readonly Daemonless _daemon = new(host, options);
        private Daemonless.Worker? _worker;
        private int _length = int.MaxValue;

        public ReadOnlySpan<byte> Render(byte[] text)
        {
            RandomAccess.Write(_hostFile.SafeFileHandle, text, 0);
            if (text.Length < _length)
            {
                RandomAccess.SetLength(_hostFile.SafeFileHandle, text.Length);
            }

            _length = text.Length;
            _daemon.Clock.NowNs += 2 * TestClock.Second;
            return (_worker ??= _daemon.NewWorker()).ShowBytes(file);
        }

        public void Dispose()
        {
            _hostFile.Dispose();
            _daemon.Dispose();
        }
    }
}
