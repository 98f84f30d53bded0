using System.Diagnostics;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>
/// Times calls of <c>procfs hook</c> as a runtime makes them: the container's state on standard input, until the process has ended. At the stage poststart,
/// since the containers run; at createRuntime it does the same below another root.
/// </summary>
internal static class HookRuns
{
    /// <param name="runDirectory">The daemon's.</param>
    /// <param name="states">What is written to each call's standard input.</param>
    /// <exception cref="BenchFailure">One of them failed.</exception>
    public static Samples Of(string runDirectory, IEnumerable<byte[]> states)
        => new(states.Select(state => TimeOf(state, ProcFsServer.Program, "hook", "--stage", "poststart", "--strict", "--run-dir", runDirectory)));

    /// <summary>A program that does nothing, called in the same way: what of the time is not the hook's.</summary>
    public static Samples OfNothing(int count) => new(Enumerable.Range(0, count).Select(_ => TimeOf([], "/bin/true")));

    /// <summary>How many files of ours lie over /proc and /sys in a container, by its mountinfo.</summary>
    public static int FilesIn(Container container) => Processes.Read($"/proc/{container.Pid}/mountinfo").Split('\n')
        .Count(line => line.Contains(" - fuse.procfs procfs ", StringComparison.Ordinal) && line.Split(' ')[4].Split('/')[1] is "proc" or "sys");

    private static long TimeOf(byte[] input, string program, params string[] arguments)
    {
        ProcessStartInfo info = new(program, arguments) { RedirectStandardInput = true, RedirectStandardError = true };
        long begin = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
        using Process process = Process.Start(info)!;
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not wait for it.
        }

        if (!process.WaitForExit(10_000) || process.ExitCode != 0)
        {
            string error = process.HasExited ? process.StandardError.ReadToEnd().Trim() : "not finished in 10 s";
            process.Kill();
            throw new BenchFailure($"{program} {string.Join(' ', arguments)}: {error}");
        }

        return Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC) - begin;
    }
}
