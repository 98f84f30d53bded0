using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>One keeper for each run directory: a record lock, which vanishes with its process, however that ends.</summary>
internal sealed class KeeperLock : IDisposable
{
    private readonly FileDescriptor _file;

    private KeeperLock(FileDescriptor file) => _file = file;

    /// <exception cref="Failure">Another keeper has the run directory, or that cannot be used.</exception>
    public static KeeperLock Take(string runDirectory) => new(RecordLock.Take(runDirectory, Path.Combine(runDirectory, "keeper.lock"), holder
        => $"process {holder} keeps for {runDirectory} already: one keeper or supervisor is enough; stop that one, or choose another directory with --run-dir"));

    public void Dispose() => _file.Dispose();
}
