namespace ProcFs.Bench;

/// <summary>The verb <c>threads</c>: the init of a container with many threads, all asleep.</summary>
internal static class ThreadsCommand
{
    private const int StackSize = 64 * 1024;

    /// <exception cref="BenchFailure">Not a number, or the system has no room for so many.</exception>
    public static int Run(string[] words)
    {
        int count = new Arguments(["--count", .. words], ["--count"]).Number("--count", 1);
        try
        {
            // The main thread and the runtime's own are there already.
            for (int i = Directory.GetDirectories("/proc/self/task").Length; i < count; i++)
            {
                new Thread(() => Thread.Sleep(Timeout.Infinite), StackSize) { IsBackground = true }.Start();
            }
        }
        catch (OutOfMemoryException)
        {
            throw new BenchFailure($"no room for {count} threads: raise pids.max and kernel.threads-max");
        }

        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}
