using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Handover;

/// <summary>
/// A record lock on a file in the run directory. It belongs to the process and vanishes with it, however that ends, so nothing stale is
/// ever left.
/// </summary>
internal static class RecordLock
{
    private const uint OwnerReadWrite = 0x180; // 0600

    /// <summary>Makes the run directory and the file where they are missing. The lock is given back by disposing of the file.</summary>
    /// <param name="runDirectory">Where the file is.</param>
    /// <param name="path">The file.</param>
    /// <param name="taken">The sentence when another process has the lock, which is named by its pid or "unknown".</param>
    /// <exception cref="Failure">Another process has it, or the run directory cannot be used.</exception>
    public static FileDescriptor Take(string runDirectory, string path, Func<string, string> taken)
    {
        try
        {
            Directory.CreateDirectory(runDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot make the run directory {runDirectory}: {exception.Message}; choose another one with --run-dir");
        }

        FileDescriptor file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, out Errno error, mode: OwnerReadWrite)
            ?? throw new Failure(ExitCode.Failed, $"cannot open {path}: {Libc.Describe(error)}; choose another run directory with --run-dir");
        if (Libc.TryLock(file.Number) >= 0)
        {
            return file;
        }

        string holder = Libc.LockHolder(file.Number) is > 0 and int pid ? pid.ToString(CultureInfo.InvariantCulture) : "unknown";
        file.Dispose();
        throw new Failure(ExitCode.Failed, taken(holder));
    }
}
