using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Serving;

/// <summary>
/// Texts that go by the visible CPUs alone, as <c>cpuinfo</c>: made once, and again only when a container has other CPUs. Containers with the
/// same CPUs share one. Shared by all workers; bounded, so a text may be gone at any time. Each has a number of its own.
/// </summary>
internal sealed class StillTexts
{
    private const int Places = 1024; // a power of two
    private const int LongestText = 1024 * 1024;
    private const int MostBytes = 4 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Still?[] _places = new Still?[Places];
    private long _last;
    private long _bytes;

    /// <summary>The text of a file for these CPUs; null: there is none.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cpus">The visible ones.</param>
    /// <param name="host">The host's text that it was made from; the very same one.</param>
    public StillText? Find(IProcFile file, CpuView cpus, byte[] host)
        => Volatile.Read(ref PlaceOf(file, cpus)) is { } still && still.Is(file, cpus, host) ? still.Text : null;

    /// <summary>Keeps one; null when it is too long for that.</summary>
    public StillText? Keep(IProcFile file, CpuView cpus, byte[] host, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > LongestText)
        {
            return null;
        }

        lock (_lock)
        {
            ref Still? place = ref PlaceOf(file, cpus);
            if (place?.Is(file, cpus, host) == true)
            {
                return place.Text; // another worker was quicker
            }

            _bytes += text.Length - (place?.Text.Bytes.Length ?? 0);
            if (_bytes > MostBytes)
            {
                Array.Clear(_places);
                _bytes = text.Length;
            }

            StillText kept = new(text.ToArray(), ++_last);
            Volatile.Write(ref place, new Still(file, cpus.Available, cpus.Count, cpus.HasHostNumbers, host, kept));
            return kept;
        }
    }

    private ref Still? PlaceOf(IProcFile file, CpuView cpus)
        => ref _places[HashCode.Combine(file, cpus.Available, cpus.Count, cpus.HasHostNumbers) & (Places - 1)];

    private sealed record Still(IProcFile File, CpuSet Available, int Count, bool HasHostNumbers, byte[] Host, StillText Text)
    {
        public bool Is(IProcFile file, CpuView cpus, byte[] host)
            => ReferenceEquals(File, file) && Count == cpus.Count && HasHostNumbers == cpus.HasHostNumbers && ReferenceEquals(Host, host) && Available.Equals(cpus.Available);
    }
}
