using ProcFs.Cgroups;

namespace ProcFs.Host;

/// <summary>
/// The host's cpuinfo, read once for a given set of online CPUs and shared by all workers: reading it interrupts every CPU for its
/// frequency, which stands still then, and must be the same whoever answers.
/// </summary>
internal sealed class SharedCpuinfo(HostFile file) : IDisposable
{
    private readonly Lock _reading = new();
    private Made? _made;

    /// <summary>The text made for these CPUs; never changed afterwards. That of the CPUs before while another worker makes it.</summary>
    public byte[] TextFor(CpuSet online)
    {
        Made? made = Volatile.Read(ref _made);
        // An empty text was a failure, and is tried again.
        if (made is { Text.Length: > 0 } && online.Equals(made.Online))
        {
            return made.Text;
        }

        if (made is null)
        {
            _reading.Enter();
        }
        else if (!_reading.TryEnter())
        {
            return made.Text;
        }

        try
        {
            made = Volatile.Read(ref _made);
            if (made is not { Text.Length: > 0 } || !online.Equals(made.Online))
            {
                made = new Made(online, file.Read(0).ToArray());
                Volatile.Write(ref _made, made);
            }

            return made.Text;
        }
        finally
        {
            _reading.Exit();
        }
    }

    public void Dispose() => file.Dispose();

    private sealed record Made(CpuSet Online, byte[] Text);
}
