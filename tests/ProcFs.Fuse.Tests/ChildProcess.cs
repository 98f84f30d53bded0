using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace ProcFs.Fuse.Tests;

/// <summary>How a child ended and what it wrote.</summary>
internal sealed record ChildResult(int ExitCode, byte[] Output, string Error)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Output);
}

/// <summary>A shell script in a process of its own.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly MemoryStream _output = new();
    private readonly Task _copying;
    private readonly Task<string> _error;

    public ChildProcess(string script, params (string Name, string Value)[] environment)
    {
        Script = script;
        ProcessStartInfo start = new("/bin/sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        start.Environment["LC_ALL"] = "C";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _copying = _process.StandardOutput.BaseStream.CopyToAsync(_output);
        _error = _process.StandardError.ReadToEndAsync();
    }

    public string Script { get; }

    public int Id => _process.Id;

    public void Kill() => _process.Kill();

    public bool HasExited => _process.HasExited;

    public bool TryFinish(TimeSpan patience, [NotNullWhen(true)] out ChildResult? result)
    {
        result = null;
        if (!_process.WaitForExit(patience) || !Task.WaitAll([_copying, _error], patience))
        {
            return false;
        }

        result = new ChildResult(_process.ExitCode, _output.ToArray(), _error.Result);
        return true;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        _output.Dispose();
    }
}
