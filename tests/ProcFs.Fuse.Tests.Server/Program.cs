using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>
/// serve DEVICE JOURNAL [SWITCH…]   takes the two descriptors over and serves until the connection ends; says "ready ANSWERED RESENT"
/// lock-state JOURNAL               says whether another process holds the journal's lock, and which
/// </summary>
internal static unsafe partial class Program
{
    private const int MADV_DONTNEED = 4;

    private static int Main(string[] arguments)
    {
        if (Journal.TryOpen(int.Parse(arguments[^1], CultureInfo.InvariantCulture), out string? defect) is not { } journal)
        {
            Console.Error.WriteLine($"the journal: {defect}");
            return 3;
        }

        if (arguments[0] == "lock-state")
        {
            Console.WriteLine($"{journal.IsLockedByOther(out int pid)} {pid}");
            return 0;
        }

        return Serve(journal, FuseDevice.Adopt(int.Parse(arguments[^2], CultureInfo.InvariantCulture)), arguments[1..^2]);
    }

    private static int Serve(Journal journal, FuseDevice device, string[] switches)
    {
        for (int i = 0; !journal.TryLock(); i++)
        {
            if (i == 1000)
            {
                Console.Error.WriteLine("the journal: locked");
                return 4;
            }

            Thread.Sleep(10);
        }

        ulong epoch = journal.BeginEpoch();
        StderrLogger logger = new();
        RequestSlots slots = new(journal);
        Connection connection = new(device, slots, new Dispatcher(new ServedFileSystem(epoch), journal.CreateSession(), logger), logger);
        int answered = switches.Contains("no-recovery") ? 0 : connection.Recover();
        bool isResent = !switches.Contains("no-resend") && connection.Resend();
        if (switches.Contains("evict"))
        {
            new Thread(() => Evict(journal)) { IsBackground = true }.Start();
        }

        connection.Start(4);
        Console.WriteLine($"ready {answered} {isResent}");
        journal.HeartbeatNs = 1;
        ConnectionEnd end = connection.Completion.GetAwaiter().GetResult();
        Console.WriteLine($"end {end}");
        return 0;
    }

    /// <summary>What must not happen to slots: their pages leave the page table while workers wait for requests. Nothing is lost; they are in the file.</summary>
    private static void Evict(Journal journal)
    {
        const int Length = RequestSlots.MaxCount * RequestSlots.RequestSize;
        if (Libc.Munlock(journal.Slot(0), Length) < 0)
        {
            throw new InvalidOperationException("munlock");
        }

        while (madvise(journal.Slot(0), Length, MADV_DONTNEED) == 0)
        {
        }

        throw new InvalidOperationException($"madvise: {Marshal.GetLastSystemError()}");
    }

    [LibraryImport("libc")]
    private static partial int madvise(void* addr, nuint length, int advice);

    private sealed class StderrLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Console.Error.WriteLine($"{formatter(state, exception)} {exception}");
    }
}
