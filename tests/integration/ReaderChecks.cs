using System.Diagnostics;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1.5 CPUs
//   limited            memory 64 MiB, quota 1.5 CPUs; a host process

/// <summary>The reader that the failover tests believe: it must find nothing where nothing is wrong, and what is wrong where something is.</summary>
[Trait("run", "long")]
public sealed class ReaderChecks(ServedTree tree)
{
    private const int Quota = 150000;

    private static (string File, string Text)[]? _texts;

    [Fact]
    public void It_finds_nothing_wrong_with_a_server_that_lives()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, Quota = Quota });
        using TestCgroup limited = new TestCgroup("limited").Memory(64 << 20);
        TestCgroup.SetQuota(limited.Path, Quota);
        using Reader inside = Reader.In(container, Quota), host = Reader.OnHost(tree.Mount), bounded = Reader.OnHost(tree.Mount, limited, Quota);
        Reader.AwaitReady(inside, host, bounded);

        Thread.Sleep(Pace.Limit(2));

        Reader.AssertUntroubled("no kill", inside, host, bounded);
    }

    [Fact]
    public void It_finds_nothing_wrong_with_texts_that_are_right() => Assert.Equal("", ReportOn(Texts()).Troubles);

    /// <summary>In each line: the file, what is in it, what is put there instead, and what the reader must say of it.</summary>
    private static readonly string[][][] Forgeries =
    [
        [
            ["proc/meminfo", "MemFree: ", "MemFrei: ", "KeyError: 'MemFree'"],
            ["proc/stat", "cpu  ", "cpu  9", "more than the sum of the CPUs"],
            ["proc/cpuinfo", "processor\t: 0", "processor\t: 5", "numbers of the processors"],
            ["sys/devices/system/cpu/possible", "0", "zero", "form of the line"],
        ],
        [
            ["proc/meminfo", " kB\nMemFree", "\nMemFree", "form of the line 'MemTotal"],
            ["proc/stat", "cpu0", "cpu7", "numbers of the CPUs"],
            ["proc/swaps", "Priority", "", "form of the line"],
        ],
        [
            ["proc/meminfo", "Slab:", "Slab: 7777777 kB\nOther:", "is not the sum of"],
            ["proc/stat", "procs_running ", "procs_running", "form of the line"],
            ["proc/swaps", "\n", "", "the end is missing"],
        ],
        [
            ["proc/meminfo", "SwapTotal: ", "\0wapTotal: ", "a NUL"],
            ["proc/stat", "btime", "btim", "no line btime"],
            ["sys/devices/system/cpu/online", "0", "10-16,0", "CPUs was"],
        ],
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_finds_texts_that_are_wrong(int group)
    {
        string[][] forgeries = Forgeries[group];
        string root = Texts();
        foreach (string[] forgery in forgeries)
        {
            Write(root, forgery[0], File.ReadAllText($"{root}/{forgery[0]}").Replace(forgery[1], forgery[2], StringComparison.Ordinal));
        }

        ReaderReport report = ReportOn(root);

        // A forged number of CPUs is noticed in the file that is read after it.
        Assert.All(forgeries, forgery => Assert.Contains(report.Corrupt.First,
            f => (f.File == forgery[0] || forgery[3] == "CPUs was") && f.What.Contains(forgery[3], StringComparison.Ordinal)));
    }

    [Fact]
    public void It_finds_a_text_of_two_moments()
    {
        string root = Texts();
        string[] texts = [File.ReadAllText($"{root}/proc/stat"), File.ReadAllText($"{root}/proc/stat").Replace("btime 1", "btime 2", StringComparison.Ordinal)];

        // Written in place, so that it changes under those who have it open.
        ReaderReport report = ReportOn(root, n => File.WriteAllText($"{root}/proc/stat", texts[n % 2]));

        Assert.Contains(report.Corrupt.First, f => f.What.StartsWith("another text at", StringComparison.Ordinal) || f.What.Contains("btime was", StringComparison.Ordinal));
    }

    [Fact]
    public void It_finds_a_counter_that_falls()
    {
        string root = Texts();
        string stat = File.ReadAllText($"{root}/proc/stat");

        ReaderReport report = ReportOn(root, n => Write(root, "proc/stat", stat.Replace("processes ", $"processes {9 - (n % 2)}", StringComparison.Ordinal)));

        Assert.Contains(report.Falls.First, f => f.File == "proc/stat" && f.What.StartsWith("processes fell", StringComparison.Ordinal));
        Assert.Equal("", (report with { Falls = new(0, []) }).Troubles);
    }

    [Fact]
    public void It_finds_an_uptime_that_stands_still()
    {
        string root = Texts();
        File.Delete($"{root}/proc/uptime");
        Write(root, "proc/uptime", "100.00 100.00\n");

        Assert.Contains(ReportOn(root, _ => { }).Corrupt.First, f => f.What.Contains("start by uptime is between", StringComparison.Ordinal));
    }

    [Fact]
    public void It_finds_a_file_that_cannot_be_read()
    {
        string root = Texts();
        File.Delete($"{root}/proc/swaps");

        Assert.Contains(ReportOn(root).Failed.First, f => f is { File: "proc/swaps", What: "ENOENT: No such file or directory" });
    }

    [Fact]
    public void It_finds_a_call_that_does_not_return()
    {
        string root = Texts();
        using Reader reader = Reader.Of(root, "--hang", "0.5");
        Reader.AwaitReady(reader);
        Child.Run("sh", "-c", "rm \"$1\" && mkfifo \"$1\"", "sh", $"{root}/proc/stat").Ok();

        Thread.Sleep(Pace.Limit(3));

        ReaderReport report = reader.Finish();
        Assert.Contains(report.Hung.First, f => f is { File: "proc/stat", What: "open waits for more than 0 s" });
    }

    /// <summary>A directory with the files as a container sees them. Uptime is served, because one that stands still is wrong.</summary>
    private string Texts()
    {
        string root = tree.NewDirectory("texts");
        foreach ((string file, string text) in _texts ??= TextsOfContainer())
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{root}/{file}")!);
            Write(root, file, text);
        }

        File.Delete($"{root}/proc/uptime");
        File.CreateSymbolicLink($"{root}/proc/uptime", $"{tree.Mount}/proc/uptime");
        return root;
    }

    private (string File, string Text)[] TextsOfContainer()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20, Quota = Quota });
        return [.. ServedTree.Texts.Select(file => (file, container.Read("/" + file)))];
    }

    /// <summary>Puts a text in the place of another, at once.</summary>
    private static void Write(string root, string file, string text)
    {
        File.WriteAllText($"{root}/new", text);
        File.Move($"{root}/new", $"{root}/{file}", overwrite: true);
    }

    /// <summary>What the reader says of a directory. It reads each file once at least; something that must be seen to change is changed for some time.</summary>
    private static ReaderReport ReportOn(string root, Action<int>? change = null)
    {
        using Reader reader = Reader.Of(root, "--own", "proc/uptime");
        Reader.AwaitReady(reader);
        Stopwatch since = Stopwatch.StartNew();
        for (int n = 0; change is not null && (n < 100 || since.Elapsed < Pace.Limit(0.5)); n++)
        {
            change(n);
            Thread.Sleep(3);
        }

        return reader.Finish();
    }
}
