using System.Diagnostics;
using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>When a server's first answer came, seen by a process of its own: whoever waits for a mount that nobody serves waits long.</summary>
internal static class FirstAnswer
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The child's part.</summary>
    public static int Run(string file)
    {
        byte[] path = Libc.PathBytes(file);
        byte[] buffer = new byte[4096];
        Console.WriteLine("ready");
        while (true)
        {
            int descriptor = Libc.OpenAt(Libc.AT_FDCWD, path, Libc.O_RDONLY);
            if (descriptor >= 0 && Libc.Read(descriptor, buffer) > 0)
            {
                Console.WriteLine(Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC).ToString(CultureInfo.InvariantCulture));
                return 0;
            }

            _ = descriptor >= 0 ? Libc.Close(descriptor) : 0;
            // A start takes tens of milliseconds; asking all the time would take the CPU that it needs.
            Thread.Sleep(TimeSpan.FromMicroseconds(200));
        }
    }

    /// <summary>Starts a process, and says how many milliseconds later a file could be read for the first time.</summary>
    /// <param name="file">Below a mount that nobody serves now, or that is not there yet.</param>
    /// <param name="start">Starts the process that is to serve it.</param>
    /// <param name="started">What it returned.</param>
    /// <param name="startedNs">When that was begun: CLOCK_MONOTONIC.</param>
    /// <exception cref="BenchFailure">It did not come in time.</exception>
    public static double After<T>(string file, Func<T> start, out T started, out long startedNs)
    {
        using Process asker = Child.Start(Environment.ProcessPath!, "first", file);
        try
        {
            _ = asker.StandardOutput.ReadLine();
            startedNs = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
            started = start();
            Task<string?> answer = asker.StandardOutput.ReadLineAsync();
            return answer.Wait(Limit) && long.TryParse(answer.Result, CultureInfo.InvariantCulture, out long at)
                ? (at - startedNs) / 1e6
                : throw new BenchFailure($"{file} cannot be read {Limit.TotalSeconds:0} s after the start of its server");
        }
        finally
        {
            asker.Kill();
        }
    }
}
