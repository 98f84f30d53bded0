using ProcFs.Cgroups;

namespace ProcFs.Host;

/// <summary>
/// The host's cpuinfo, read once for a given set of online CPUs and shared by all workers: reading it interrupts every CPU for its
/// frequency, which stands still then, and must be the same whoever answers.
/// </summary>
internal sealed class SharedCpuinfo(HostFile file) : IDisposable
{
    private readonly Lock _lock = new();
    private CpuSet? _online;
    private byte[] _text = [];

    /// <summary>The text made for these CPUs; never changed afterwards.</summary>
    public ReadOnlySpan<byte> TextFor(CpuSet online)
    {
        lock (_lock)
        {
            // An empty text was a failure, and is tried again.
            if (_text.Length == 0 || !online.Equals(_online))
            {
                _text = file.Read(0).ToArray();
                _online = online;
            }

            return _text;
        }
    }

    public void Dispose() => file.Dispose();
}
