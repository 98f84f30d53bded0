using System.Diagnostics;
using System.Text;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests.Support;

/// <summary>A running <c>procfs serve</c>. However a test ends, the process, the mount and its connection are gone afterwards.</summary>
internal sealed class Daemon : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly ManualResetEventSlim _serving = new();
    private readonly string _mount;

    private Daemon(string mount, string[] command)
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

    public static Daemon Start(string mount, string runDirectory, params string[] more)
    {
        Daemon daemon = new(mount, [Binary, "serve", "--mount", mount, "--run-dir", runDirectory, .. more]);
        if (!Pace.Until(15, () => daemon._serving.Wait(20) || daemon._process.HasExited) || !daemon._serving.IsSet)
        {
            daemon.Dispose();
            Assert.Fail($"procfs serve does not serve:\n{daemon.Log}");
        }

        return daemon;
    }

    public void Signal(Signum signal) => _ = Syscall.kill(Pid, signal);

    /// <summary>Its exit code; a minus sign for the signal that ended it is the runtime's (128 + n).</summary>
    public int WaitForExit()
    {
        Assert.True(_process.WaitForExit(Pace.Limit(10)), $"procfs serve (pid {Pid}) does not end:\n{Log}");
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

        FuseMounts.Remove(_mount);
        _process.WaitForExit(5000);
        _process.Dispose();
        _serving.Dispose();
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
        if (line.Contains("serving", StringComparison.Ordinal))
        {
            _serving.Set();
        }
    }

    private static string FindBinary()
    {
        if (Environment.GetEnvironmentVariable("PROCFS_BINARY") is { Length: > 0 } named)
        {
            return named;
        }

        DirectoryInfo? top = new(AppContext.BaseDirectory);
        while (top is not null && !File.Exists($"{top.FullName}/build.sh"))
        {
            top = top.Parent;
        }

        return $"{top?.FullName}/artifacts/procfs";
    }
}
