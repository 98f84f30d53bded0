using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>One keeper for each run directory: a record lock, which vanishes with its process, however that ends.</summary>
internal sealed class KeeperLock : IDisposable
{
    private const uint OwnerReadWrite = 0x180; // 0600

    private readonly FileDescriptor _file;

    private KeeperLock(FileDescriptor file) => _file = file;

    /// <exception cref="Failure">Another keeper has the run directory, or that cannot be used.</exception>
    public static KeeperLock Take(string runDirectory)
    {
        try
        {
            Directory.CreateDirectory(runDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot make the run directory {runDirectory}: {exception.Message}; choose another one with --run-dir");
        }

        string path = Path.Combine(runDirectory, "keeper.lock");
        FileDescriptor file = FileDescriptor.Open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, out Errno error, mode: OwnerReadWrite)
            ?? throw new Failure(ExitCode.Failed, $"cannot open {path}: {Libc.Describe(error)}; choose another run directory with --run-dir");
        if (Libc.TryLock(file.Number) < 0)
        {
            string holder = Libc.LockHolder(file.Number) is > 0 and int pid ? pid.ToString(CultureInfo.InvariantCulture) : "unknown";
            file.Dispose();
            throw new Failure(ExitCode.Failed, $"process {holder} keeps for {runDirectory} already: one keeper or supervisor is enough; stop that one, or choose another directory with --run-dir");
        }

        return new KeeperLock(file);
    }

    public void Dispose() => _file.Dispose();
}
