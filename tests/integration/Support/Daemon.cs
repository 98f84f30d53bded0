using System.Diagnostics;
using System.Text;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests.Support;

/// <summary>A running <c>procfs serve</c>, or another verb that stays. However a test ends, the process, the mount and its connection are gone afterwards.</summary>
internal sealed class Daemon : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly ManualResetEventSlim _serving = new();
    private readonly string? _mount;
    private volatile int _lives;

    private Daemon(string? mount, string[] command)
    {
        _mount = mount;
        ProcessStartInfo info = new(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        _process = Process.Start(info) ?? throw new InvalidOperationException(command[0]);
        _process.StandardInput.Close();
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    /// <summary>Where this repository is checked out.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The binary under test: the native one, as it is shipped, unless PROCFS_BINARY names another.</summary>
    public static string Binary { get; } = FindBinary();

    public int Pid => _process.Id;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>How often a server in this log has said that it serves.</summary>
    public int Lives => _lives;

    public bool HasExited => _process.HasExited;

    public static Daemon Start(string mount, string runDirectory, params string[] more) =>
        Launch(mount, [Binary, "serve", "--mount", mount, "--run-dir", runDirectory, .. more]);

    /// <summary>Starts a command that becomes a server, or has one as its child, and waits until it serves. Without a mount somebody else removes that.</summary>
    public static Daemon Launch(string? mount, params string[] command) => LaunchWithin(15, mount, command);

    /// <summary>The same for one that does something else first.</summary>
    public static Daemon LaunchWithin(double seconds, string? mount, params string[] command)
    {
        Daemon daemon = Begin(mount, command);
        if (!Pace.Until(seconds, () => daemon._serving.Wait(20) || daemon._process.HasExited) || !daemon._serving.IsSet)
        {
            daemon.Dispose();
            Assert.Fail($"{string.Join(' ', command)} does not serve:\n{daemon.Log}");
        }

        return daemon;
    }

    /// <summary>The same without waiting.</summary>
    public static Daemon Begin(string? mount, params string[] command) => new(mount, command);

    /// <summary>The lines of the log that have a word.</summary>
    public IReadOnlyList<string> Lines(string word) => [.. ProcText.Lines(Log).Where(l => l.Contains(word, StringComparison.Ordinal))];

    /// <summary>Waits for a line with a word in the log.</summary>
    public void Expect(string word, double seconds = 15) =>
        Assert.True(Pace.Until(seconds, () => Lines(word).Count > 0), $"no \"{word}\" in the log:\n{Log}");

    /// <summary>Waits until a server serves for the given time; the first is one.</summary>
    public void ExpectLife(int number) => Assert.True(Pace.Until(30, () => Lives >= number), $"no server number {number}:\n{Log}");

    public void Signal(Signum signal) => _ = Syscall.kill(Pid, signal);

    /// <summary>As a crash ends it: no line of its code runs any more.</summary>
    public void Kill()
    {
        Signal(Signum.SIGKILL);
        WaitForExit();
    }

    /// <summary>Its exit code; a minus sign for the signal that ended it is the runtime's (128 + n).</summary>
    public int WaitForExit()
    {
        // Not WaitForExit: it also waits for the pipes, which a child that lives on holds open.
        Assert.True(Pace.Until(10, () => _process.HasExited), $"procfs (pid {Pid}) does not end:\n{Log}");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        if (!_process.HasExited)
        {
            Signal(Signum.SIGTERM);
            if (!_process.WaitForExit(5000))
            {
                Signal(Signum.SIGKILL);
            }
        }

        if (_mount is not null)
        {
            FuseMounts.Remove(_mount);
        }

        _process.WaitForExit(5000);
        _process.Dispose();
    }

    private void OnExit(object? sender, EventArgs e) => Dispose();

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.AppendLine(line);
        }

        // Lower case: a structured log also names the class that logs, ProcFs.Serving.…, in lines before this one.
        if (line.Contains("serving", StringComparison.Ordinal) && line.Contains("workers", StringComparison.Ordinal))
        {
            _lives++;
            _serving.Set();
        }
    }

    private static string FindBinary() =>
        Environment.GetEnvironmentVariable("PROCFS_BINARY") is { Length: > 0 } named ? named : $"{Repository}/artifacts/procfs";

    private static string FindRepository()
    {
        DirectoryInfo? top = new(AppContext.BaseDirectory);
        while (top is not null && !File.Exists($"{top.FullName}/build.sh"))
        {
            top = top.Parent;
        }

        return top?.FullName ?? throw new DirectoryNotFoundException($"no repository above {AppContext.BaseDirectory}");
    }
}
