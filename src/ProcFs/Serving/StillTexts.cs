using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Text;

namespace ProcFs.Serving;

/// <summary>
/// Texts that go by the visible CPUs alone, as <c>cpuinfo</c>: made once, and again only when a container has other CPUs. Containers with the
/// same CPUs share one. The last few are kept, for all workers. Each has a version of its own, which no other text has, also of a daemon before.
/// </summary>
internal sealed class StillTexts
{
    private const int Places = 64;
    private const int LongestText = 1024 * 1024;
    private const int MostBytes = 2 * 1024 * 1024;

    // As nanoseconds of a file's modification time; below 10^9, and with room to count on.
    private const int HighestFirst = 900_000_000;

    private readonly Lock _lock = new();
    private readonly Still?[] _places = new Still?[Places];
    private uint _lastVersion = (uint)Random.Shared.Next(1, HighestFirst);
    private int _next;
    private int _bytes;

    /// <summary>Appends the text of a file for these CPUs.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cpus">The visible ones.</param>
    /// <param name="host">The host's text that it was made from; the very same one.</param>
    /// <param name="output">Where to.</param>
    /// <returns>The text's version; 0: there is none.</returns>
    public uint TryWrite(IProcFile file, CpuView cpus, byte[] host, TextBuffer output)
    {
        foreach (ref Still? place in _places.AsSpan())
        {
            if (Volatile.Read(ref place) is { } still && still.Is(file, cpus, host))
            {
                output.Write(still.Text);
                return still.Version;
            }
        }

        return 0;
    }

    /// <summary>Keeps one in the place of the oldest.</summary>
    /// <returns>Its version; 0 when it is too long to be kept.</returns>
    public uint Keep(IProcFile file, CpuView cpus, byte[] host, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text.Length > LongestText)
        {
            return 0;
        }

        lock (_lock)
        {
            foreach (Still? place in _places)
            {
                if (place?.Is(file, cpus, host) == true)
                {
                    return place.Version; // another worker was quicker
                }
            }

            Still still = new(file, cpus.Available, cpus.Count, host, text.ToArray(), ++_lastVersion);
            _bytes += text.Length - (_places[_next]?.Text.Length ?? 0);
            Volatile.Write(ref _places[_next], still);
            for (int i = 1; i < Places && _bytes > MostBytes; i++)
            {
                int oldest = (_next + i) % Places;
                _bytes -= _places[oldest]?.Text.Length ?? 0;
                Volatile.Write(ref _places[oldest], null);
            }

            _next = (_next + 1) % Places;
            return still.Version;
        }
    }

    private sealed record Still(IProcFile File, CpuSet Available, int Count, byte[] Host, byte[] Text, uint Version)
    {
        public bool Is(IProcFile file, CpuView cpus, byte[] host)
            => ReferenceEquals(File, file) && Count == cpus.Count && ReferenceEquals(Host, host) && Available.Equals(cpus.Available);
    }
}
