namespace ProcFs.Bench;

/// <summary>Which system calls a process makes, by strace(1).</summary>
internal static class SystemCalls
{
    /// <summary>The table of <c>strace -c</c> as it prints it; null where there is no strace, or it may not look.</summary>
    public static string? Of(int pid, TimeSpan time)
    {
        string seconds = time.TotalSeconds.ToString("0", System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            // SIGINT: it lets go of the process and prints.
            Output output = Child.Run(time + TimeSpan.FromSeconds(10), "timeout", "-s", "INT", seconds, "strace", "-f", "-c", "-p", pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
            int table = output.Error.IndexOf("% time", StringComparison.Ordinal);
            return table < 0 ? null : output.Error[table..];
        }
        catch (BenchFailure)
        {
            return null;
        }
    }
}
