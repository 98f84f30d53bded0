using ProcFs.Interop;

namespace ProcFs.Host;

/// <summary>
/// One file of the host, opened at once, kept open, and read again only when the last text is older than asked for. Belongs to one
/// worker. Opened before anything is served: should somebody lay our own file over the host's later, we still have the host's, and
/// never wait for ourselves. A file that cannot be opened or read is an empty text.
/// </summary>
internal sealed class HostFile : IDisposable
{
    private readonly string _path;
    private readonly TimeProvider _clock;
    private FileDescriptor? _file;
    private byte[] _buffer = new byte[4096];
    private int _length;
    private long _readAt;

    public HostFile(string path, TimeProvider clock)
    {
        _path = path;
        _clock = clock;
        Open();
    }

    /// <summary>It could be opened, when that was last tried.</summary>
    public bool IsThere => _file is not null;

    /// <summary>The kernel has it, and has it switched off: reading says EOPNOTSUPP.</summary>
    public bool IsOff { get; private set; }

    /// <summary>Grows with every refresh: what was parsed from version n holds until version n+1.</summary>
    public int Version { get; private set; }

    /// <summary>The file's text, not older than <paramref name="maxAgeNs"/>. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Read(long maxAgeNs)
    {
        long now = _clock.GetTimestamp();
        if (Version == 0 || now - _readAt >= maxAgeNs)
        {
            Refresh();
            _readAt = now;
        }

        return _buffer.AsSpan(0, _length);
    }

    public void Dispose() => _file?.Dispose();

    private void Refresh()
    {
        Version++;
        if (_file is null)
        {
            Open();
        }

        int length = _file is null ? 0 : KernelText.Read(_file.Number, ref _buffer);
        IsOff = Libc.ErrorOf(length) == Errno.EOPNOTSUPP;
        if (length < 0 && !IsOff)
        {
            // A file that has gone away under us (a CPU, a remounted tree) is opened anew next time.
            _file!.Dispose();
            _file = null;
        }

        _length = Math.Max(length, 0);
    }

    private void Open() => _file = FileDescriptor.Open(_path, Libc.O_RDONLY, out _);
}
