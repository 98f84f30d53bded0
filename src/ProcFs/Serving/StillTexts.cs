using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Serving;

/// <summary>
/// Texts that go by the visible CPUs alone, as <c>cpuinfo</c>: made once, and again only when a container has other CPUs. Containers with the
/// same CPUs share one. The last few are kept, for all workers.
/// </summary>
internal sealed class StillTexts
{
    private const int Places = 8;
    private const int LongestText = 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Still?[] _places = new Still?[Places];
    private int _next;

    /// <summary>Appends the text of a file for these CPUs. False: there is none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cpus">The visible ones.</param>
    /// <param name="host">The host's text that it was made from; the very same one.</param>
    /// <param name="output">Where to.</param>
    public bool TryWrite(IProcFile file, CpuView cpus, byte[] host, TextBuffer output)
    {
        foreach (ref Still? place in _places.AsSpan())
        {
            if (Volatile.Read(ref place) is { } still && ReferenceEquals(still.File, file) && still.Count == cpus.Count
                && still.Available.Equals(cpus.Available) && ReferenceEquals(still.Host, host))
            {
                output.Write(still.Text);
                return true;
            }
        }

        return false;
    }

    /// <summary>Keeps one in the place of the oldest.</summary>
    public void Keep(IProcFile file, CpuView cpus, byte[] host, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > LongestText)
        {
            return;
        }

        lock (_lock)
        {
            Volatile.Write(ref _places[_next], new Still(file, cpus.Available, cpus.Count, host, text.ToArray()));
            _next = (_next + 1) % Places;
        }
    }

    private sealed record Still(IProcFile File, CpuSet Available, int Count, byte[] Host, byte[] Text);
}
