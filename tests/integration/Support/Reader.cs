using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests.Support;

/// <summary>
/// A running reader.py: a process of its own, which may hang in the kernel when a server fails it, and tells so by its second thread.
/// Its text is given to python as an argument, because no file of the repository need be visible inside a container.
/// </summary>
internal sealed class Reader : IDisposable
{
    /// <summary>Files of which a host process is shown the kernel's own text even when it has limits.</summary>
    private const string OwnOfLimitedHost = "proc/uptime,proc/diskstats";

    private static readonly string Program = File.ReadAllText($"{AppContext.BaseDirectory}/reader.py");

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly ManualResetEventSlim _ready = new();
    private readonly ManualResetEventSlim _reported = new();
    private ReaderReport? _report;

    private Reader(string name, string[] command)
    {
        Name = name;
        ProcessStartInfo info = new(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        _process = Process.Start(info) ?? throw new InvalidOperationException(command[0]);
        _process.StandardInput.Close();
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>A host process: it sees the host's own bytes.</summary>
    public static Reader OnHost(string root, params string[] more) => new("host", [.. Command(root), "--own", "all", .. more]);

    /// <summary>A host process in a cgroup with a memory limit and this quota, µs per 100 ms: it sees its limits.</summary>
    public static Reader OnHost(string root, TestCgroup limited, int quota, params string[] more) =>
        new("limited host", [.. limited.Inside, .. Command(root), "--own", OwnOfLimitedHost, "--capacity", Capacity(quota), .. more]);

    /// <summary>A process in a container with this quota.</summary>
    public static Reader In(OciContainer container, int quota, params string[] more) =>
        new("container", [.. container.ExecCommand(), .. Command("/"), "--capacity", Capacity(quota), .. more]);

    /// <summary>Of any directory that has the files, without anything known of the reader's limits.</summary>
    public static Reader Of(string root, params string[] more) => new("directory", [.. Command(root), .. more]);

    /// <summary>Waits until readers have read each file once. They are started together, because a start takes long on an emulated machine.</summary>
    public static void AwaitReady(params IReadOnlyCollection<Reader> readers) =>
        Assert.All(readers, r => Assert.True(r._ready.Wait(Pace.Limit(30)), $"the reader ({r.Name}) does not start:\n{r.Output}"));

    /// <summary>Ends it, and gives its report.</summary>
    public ReaderReport Finish()
    {
        _ = Syscall.kill(_process.Id, Signum.SIGTERM);
        Assert.True(_reported.Wait(Pace.Limit(60)), $"the reader ({Name}) gives no report:\n{Output}");
        return _report!;
    }

    /// <summary>Ends several readers, and demands that none has seen anything wrong; says how long the longest call took.</summary>
    public static void AssertUntroubled(string occasion, params IReadOnlyCollection<Reader> readers)
    {
        // What comes after is checked, too.
        Thread.Sleep(Pace.Limit(0.3));
        ReaderReport[] reports = [.. readers.Select(r => r.Finish())];
        ReaderReport longest = reports.MaxBy(r => r.LongestMs)!;
        // build.sh prints lines like this one.
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"failover: {occasion}: {reports.Sum(r => r.Calls)} calls, {reports.Sum(r => r.Texts)} texts, {reports.Sum(r => r.Failed.Count)} failed, {reports.Sum(r => r.Corrupt.Count)} corrupt, {reports.Sum(r => r.Falls.Count)} fell, {reports.Sum(r => r.Hung.Count)} hung; longest call {longest.LongestMs:0} ms ({longest.Longest})"));
        Assert.All(readers.Zip(reports), r => Assert.True(r.Second.Troubles.Length == 0, $"{r.First.Name}: {r.Second.Troubles}"));
        // Who reads nothing finds nothing.
        Assert.All(reports, r => Assert.True(r.Texts > 5, $"only {r.Texts} texts were read"));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            try
            {
                _process.Kill(entireProcessTree: true);
            }
            catch (InvalidOperationException)
            {
                // It has just ended.
            }
        }

        _process.Dispose();
    }

    private static string[] Command(string root) => ["/usr/bin/python3", "-c", Program, "--root", root,
        "--hang", Pace.Limit(20).TotalSeconds.ToString(CultureInfo.InvariantCulture)];

    /// <summary>CPU seconds per second.</summary>
    private static string Capacity(int quota) => Math.Min(quota / 100000.0, Host.Cpus.Count).ToString(CultureInfo.InvariantCulture);

    private string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line == "ready")
        {
            _ready.Set();
        }
        else if (line.StartsWith("{\"calls\"", StringComparison.Ordinal))
        {
            _report = ReaderReport.Parse(line);
            _reported.Set();
        }
    }
}
