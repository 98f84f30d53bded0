using System.Globalization;
using System.Runtime.InteropServices;
using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>
/// The first process of a container that reads: asleep in the open(2) of a FIFO until there is something to do. A line says when to begin
/// (CLOCK_MONOTONIC, ns), the time between two rounds in ns (0: none), how many rounds. A round reads each file of <see cref="Plan.Files"/> once, as
/// programs do: open, read 64 KiB until nothing comes, close.
/// </summary>
internal static class ReaderProcess
{
    private const int Failed = -1;

    /// <summary>The plan as a line.</summary>
    public static string Line(long beginNs, long intervalNs, int rounds) => string.Create(CultureInfo.InvariantCulture, $"{beginNs} {intervalNs} {rounds}\n");

    public static int Run(string fifo, string resultFile)
    {
        byte[][] files = [.. Plan.Files.Select(Libc.PathBytes)];
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            long[] plan = [.. File.ReadAllText(fifo).Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
            long[] times = new long[plan[2] * files.Length];
            for (int round = 0, next = 0; round < plan[2]; round++)
            {
                SleepUntil(plan[0] + (round * plan[1]));
                for (int file = 0; file < files.Length; file++)
                {
                    times[next++] = TimeOf(files[file], Plan.Files[file] == Plan.MayBeEmpty, buffer);
                }
            }

            File.WriteAllBytes(resultFile + ".new", MemoryMarshal.AsBytes<long>(times));
            File.Move(resultFile + ".new", resultFile, overwrite: true);
        }
    }

    /// <summary>What <see cref="Run"/> left.</summary>
    /// <param name="result">The file's bytes.</param>
    /// <param name="failed">How many reads failed.</param>
    public static IEnumerable<long> TimesOf(byte[] result, out int failed)
    {
        long[] times = MemoryMarshal.Cast<byte, long>(result).ToArray();
        failed = times.Count(time => time == Failed);
        return times.Where(time => time != Failed);
    }

    private static long TimeOf(byte[] file, bool mayBeEmpty, byte[] buffer)
    {
        long begin = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
        int descriptor = Libc.OpenAt(Libc.AT_FDCWD, file, Libc.O_RDONLY);
        nint all = 0, read = descriptor;
        while (descriptor >= 0 && (read = Libc.Read(descriptor, buffer)) > 0)
        {
            all += read;
        }

        _ = descriptor >= 0 ? Libc.Close(descriptor) : 0;
        return read < 0 || (all == 0 && !mayBeEmpty) ? Failed : Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC) - begin;
    }

    private static void SleepUntil(long monotonicNs)
    {
        long left = monotonicNs - Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
        if (left > 0)
        {
            Thread.Sleep(TimeSpan.FromTicks(left / 100));
        }
    }
}
