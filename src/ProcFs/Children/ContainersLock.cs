using System.Diagnostics;
using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Children;

/// <summary>
/// One that goes through all containers at a time, for each run directory: an attach must not bring in what a detach is taking out. A record
/// lock, which vanishes with its holder.
/// </summary>
internal static class ContainersLock
{
    private const uint OwnerReadWrite = 0x180; // 0600

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits for the lock. It is given back by disposing of the file.</summary>
    /// <param name="runDirectory">Where the file is made.</param>
    /// <param name="within">Null comes after that, and at once when the file cannot be made: to go on without is better than not at all.</param>
    /// <param name="endOther">
    /// For a detach: an attach that runs, and nobody else, is ended, since nobody will serve what it brings in. What it leaves in its middle, the detach finds.
    /// </param>
    /// <param name="name">Of the file: another one is another lock.</param>
    public static FileDescriptor? Take(string runDirectory, TimeSpan within, bool endOther, string name = "containers.lock")
    {
        FileDescriptor? file = FileDescriptor.Open(Path.Combine(runDirectory, name), Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, out _, OwnerReadWrite);
        long start = Stopwatch.GetTimestamp();
        while (file is not null && Libc.TryLock(file.Number) < 0)
        {
            if (Stopwatch.GetElapsedTime(start) > within)
            {
                file.Dispose();
                return null;
            }

            if (endOther && Libc.LockHolder(file.Number) is > 0 and int holder)
            {
                EndAttach(file, holder);
            }

            Thread.Sleep(AskEvery);
        }

        return file;
    }

    /// <summary>Ends the holder when it is an attach: another detach does what we would do. Held before it is asked again, its number is no other's.</summary>
    private static void EndAttach(FileDescriptor file, int holder)
    {
        int number = Libc.PidfdOpen(holder);
        if (number < 0)
        {
            return; // gone, or this is before Linux 5.3, where nothing can be attached either
        }

        using FileDescriptor pidfd = new(number);
        if (Libc.LockHolder(file.Number) == holder && IsAttach(holder))
        {
            _ = Libc.PidfdSendSignal(pidfd.Number, Libc.SIGKILL);
        }
    }

    private static bool IsAttach(int pid)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cmdline")).Split('\0').Contains("attach");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // it has ended
        }
    }
}
