using System.Diagnostics;
using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>A server in a process of its own, to be killed. It gets copies of the device and the journal.</summary>
internal sealed class FuseServerProcess : IDisposable
{
    public static readonly string Program = Path.Combine(AppContext.BaseDirectory, "ProcFs.Fuse.Tests.Server");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly TaskCompletionSource<string[]> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _errors = [];

    public FuseServerProcess(int device, int journal, params string[] switches)
    {
        string[] arguments =
        [
            "serve", .. switches, device.ToString(CultureInfo.InvariantCulture), journal.ToString(CultureInfo.InvariantCulture),
        ];
        ProcessStartInfo start = new(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        // Inherited by this child only; tests with such children run alone.
        Inherit(device, journal, isInherited: true);
        try
        {
            _process = Process.Start(start)!;
        }
        finally
        {
            Inherit(device, journal, isInherited: false);
        }

        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => TakeError(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return string.Join(" / ", _errors);
            }
        }
    }

    /// <summary>Waits until it serves; how many slots it has answered, and whether the kernel took RESEND.</summary>
    public (int Answered, bool IsResent) WaitUntilReady()
    {
        Assert.True(_ready.Task.Wait(Patience), $"the server does not start: {Errors}");
        string[] words = _ready.Task.Result;
        Assert.True(words.Length == 3, $"the server has ended: {Errors}");
        return (int.Parse(words[1], CultureInfo.InvariantCulture), bool.Parse(words[2]));
    }

    /// <summary>Waits until it has ended by itself.</summary>
    public void WaitUntilGone() => Assert.True(_process.WaitForExit(Patience), "the server lives");

    /// <summary>SIGKILL. Its descriptors and locks are gone when this returns.</summary>
    public void Kill()
    {
        _process.Kill();
        WaitUntilGone();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit(Patience);
        }

        _process.Dispose();
    }

    private static void Inherit(int device, int journal, bool isInherited)
    {
        Assert.Equal(0, Libc.SetCloseOnExec(device, !isInherited));
        Assert.Equal(0, Libc.SetCloseOnExec(journal, !isInherited));
    }

    private void Take(string? line)
    {
        if (line is null || line.StartsWith("ready ", StringComparison.Ordinal))
        {
            _ready.TrySetResult(line?.Split(' ') ?? []);
        }
    }

    private void TakeError(string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            lock (_errors)
            {
                _errors.Add(line);
            }
        }
    }
}
