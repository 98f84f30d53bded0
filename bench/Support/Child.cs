using System.Diagnostics;

namespace ProcFs.Bench;

/// <summary>What a child process that has ended left.</summary>
internal sealed record Output(string Command, int ExitCode, string Out, string Error)
{
    /// <summary>The standard output of a command that must have succeeded.</summary>
    /// <exception cref="BenchFailure">It did not.</exception>
    public string Ok() => ExitCode == 0 ? Out : throw new BenchFailure($"exit code {ExitCode} of {Command}: {(Error + Out).Trim()}");
}

/// <summary>Child processes, each with a time limit: whoever reads a FUSE mount may hang in the kernel when its server does.</summary>
internal static class Child
{
    public static Output Run(TimeSpan limit, params string[] command)
    {
        using Process process = Start(command);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        return Finish(process, limit, command, output, () => output.Result);
    }

    /// <summary>The same with 30 seconds, which everything short is done in.</summary>
    public static Output Run(params string[] command) => Run(TimeSpan.FromSeconds(30), command);

    /// <summary>Runs a command whose standard output is not text.</summary>
    /// <exception cref="BenchFailure">It failed, or ran out of time.</exception>
    public static byte[] RunBinary(TimeSpan limit, params string[] command)
    {
        using Process process = Start(command);
        MemoryStream bytes = new();
        Task copy = process.StandardOutput.BaseStream.CopyToAsync(bytes);
        _ = Finish(process, limit, command, copy, () => "").Ok();
        return bytes.ToArray();
    }

    /// <summary>Starts a command with pipes for what it writes, and nothing to read.</summary>
    public static Process Start(params string[] command)
    {
        ProcessStartInfo info = new(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment["LC_ALL"] = "C";
        try
        {
            Process process = Process.Start(info)!;
            process.StandardInput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            throw new BenchFailure($"cannot start {command[0]}: {exception.Message}");
        }
    }

    private static Output Finish(Process process, TimeSpan limit, string[] command, Task output, Func<string> text)
    {
        Task<string> error = process.StandardError.ReadToEndAsync();
        Stopwatch since = Stopwatch.StartNew();
        // The pipes end with the last process that holds them, and the process itself may be unkillable: wait for neither without a limit.
        if (!Task.WaitAll([output, error], limit) || !process.WaitForExit(TimeSpan.FromSeconds(5) + limit - since.Elapsed))
        {
            process.Kill(entireProcessTree: true);
            throw new BenchFailure($"not finished in {limit.TotalSeconds:0} s: {string.Join(' ', command)}");
        }

        return new Output(string.Join(' ', command), process.ExitCode, text(), error.Result);
    }
}
