using System.Diagnostics;

namespace ProcFs.Integration.Tests.Support;

/// <summary>What a finished child process left.</summary>
internal sealed record Output(string Command, int ExitCode, string Out, string Error)
{
    /// <summary>The standard output of a command that must have succeeded.</summary>
    public string Ok()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode} of: {Command}\nstdout: {Out}\nstderr: {Error}");
        return Out;
    }

    /// <summary>The same, without the line end.</summary>
    public string Line() => Ok().TrimEnd('\n');
}

/// <summary>Child processes under a time limit: whoever reads the mount may hang in the kernel when the server is dead, and must not take the tests along.</summary>
internal static class Child
{
    private static readonly TimeSpan Limit = Pace.Limit(20);

    public static Output Run(params string[] command) => RunFor(Limit, command);

    /// <summary>A shell script with its positional parameters.</summary>
    public static Output Shell(string script, params string[] arguments) => Run(["sh", "-c", script, "sh", .. arguments]);

    public static Output RunFor(TimeSpan limit, params string[] command) => Start(command).Finish(limit);

    public static Running Start(params string[] command)
    {
        ProcessStartInfo info = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["LC_ALL"] = "C";
        Process process = Process.Start(info) ?? throw new InvalidOperationException(command[0]);
        process.StandardInput.Close();
        return new Running(string.Join(' ', command), process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }
}

/// <summary>A child process that has not been waited for.</summary>
internal sealed record Running(string Command, Process Process, Task<string> Out, Task<string> Error) : IDisposable
{
    public Output Finish(TimeSpan limit)
    {
        // The pipes end with the last process that holds them, which may be before this one ends, and the process itself may be unkillable: wait
        // for neither without a limit.
        Stopwatch since = Stopwatch.StartNew();
        if (!Task.WaitAll([Out, Error], limit) || !Process.WaitForExit(limit - since.Elapsed + TimeSpan.FromSeconds(5)))
        {
            Process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not finished in {limit.TotalSeconds:0} s: {Command}");
        }

        using (Process)
        {
            return new Output(Command, Process.ExitCode, Out.Result, Error.Result);
        }
    }

    public void Dispose()
    {
        try
        {
            Process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It had ended, and Finish had disposed of it.
        }

        Process.Dispose();
    }
}
