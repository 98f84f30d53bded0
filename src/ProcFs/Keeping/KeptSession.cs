using Microsoft.Extensions.Logging;
using ProcFs.Fuse;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>A kept device and journal, for real.</summary>
internal sealed partial class KeptSession : IKeptConnection
{
    private readonly FuseDevice _device;
    private readonly Journal _journal;
    private readonly ILogger _logger;
    private Connection? _connection;
    private bool _isFailureTold;

    private KeptSession(FuseDevice device, Journal journal, ILogger logger)
    {
        _device = device;
        _journal = journal;
        _logger = logger;
    }

    public string Mount => _journal.Mount;

    public ulong Inode => _journal.Inode;

    public int Device => _device.Number;

    public int Journal => _journal.Number;

    /// <summary>A server may have ended between mount(2) and saying so in the journal: then the device knows.</summary>
    public bool WasMounted => _journal.IsMounted || !_device.HasEnded;

    /// <summary>A device that was never mounted looks the same, but may still be.</summary>
    public bool HasEnded => _journal.IsMounted && _device.HasEnded;

    public long HeartbeatNs => _journal.HeartbeatNs;

    /// <summary>Makes one from received descriptors, which it then owns; null and why not, then they stay the caller's.</summary>
    public static KeptSession? TryOpen(int device, int journal, ILogger logger, out string? defect)
    {
        const int fuseMajor = 10;
        const int fuseMinor = 229;
        if (Libc.Statx(device, "\0"u8, Libc.AT_EMPTY_PATH, Libc.STATX_TYPE, out Libc.StatxBuffer status) < 0
            || (status.Mode & Libc.S_IFMT) != Libc.S_IFCHR || (status.DeviceNodeMajor, status.DeviceNodeMinor) != (fuseMajor, fuseMinor))
        {
            defect = "what should be the device is not /dev/fuse";
            return null;
        }

        Journal? opened = ProcFs.Fuse.Journal.TryOpen(journal, out defect);
        return opened is null ? null : new KeptSession(FuseDevice.Adopt(device), opened, logger);
    }

    public bool IsServed(out int pid) => _journal.IsLockedByOther(out pid);

    public int Release()
    {
        if (!_journal.TryLock())
        {
            return -1;
        }

        try
        {
            // Made once: it is the journal's memory that it works with, whoever has been there in between.
            _connection ??= new Connection(_device, new RequestSlots(_journal), new Dispatcher(new RefusingFileSystem(), _journal.CreateSession(), _logger), _logger);
            return _connection.Recover() + _connection.Drain();
        }
        catch (FuseException exception)
        {
            if (!_isFailureTold)
            {
                _isFailureTold = true;
                LogReleaseFailed(Mount, exception.Message);
            }

            return 0;
        }
        finally
        {
            _journal.Unlock();
        }
    }

    public void Dispose()
    {
        _connection?.Dispose();
        _device.Dispose();
        _journal.Dispose();
    }

    [LoggerMessage(1531, LogLevel.Error, "the readers of {Mount} cannot be let go: {Reason}")]
    private partial void LogReleaseFailed(string mount, string reason);
}
