using System.Diagnostics;

namespace ProcFs.Hook.Tests.Support;

/// <summary>A program started by a test, ended with it: by its own id, never by name.</summary>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private Child(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program and waits for the first line it says, of which it returns the words.</summary>
    public static Child Start(out string[] words, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        Child child = new(Process.Start(start)!);
        Task<string?> line = child._process.StandardOutput.ReadLineAsync();
        if (!line.Wait(Patience) || line.Result is null)
        {
            string error = child._process.HasExited ? child._process.StandardError.ReadToEnd() : "it says nothing";
            child.Dispose();
            Assert.Fail($"{program} {string.Join(' ', arguments)}: {error}");
        }

        words = line.Result.Split(' ');
        return child;
    }

    /// <summary>Runs a program to its end, at most ten seconds; its output with its errors.</summary>
    public static string Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new("timeout", ["-s", "KILL", "10", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Assert.True(Task.WaitAll([output, error], Patience), $"{program} {string.Join(' ', arguments)} hangs");
        return output.Result + error.Result;
    }

    /// <summary>The next line that it says; null at the end.</summary>
    public string? ReadLine()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience), "it says nothing more");
        return line.Result;
    }

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.WaitForExit(Patience);
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
