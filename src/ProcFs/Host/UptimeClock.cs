using ProcFs.Text;

namespace ProcFs.Host;

/// <summary>
/// Time since boot as a proc root's own uptime file says it: for trees that are another machine's, or captured.
/// Hundredths of a second, in ns; zero when there is no such file.
/// </summary>
internal sealed class UptimeClock(string procRoot) : TimeProvider
{
    private readonly string _path = Path.Combine(procRoot, "uptime");

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        ReadOnlySpan<byte> line = File.Exists(_path) ? File.ReadAllBytes(_path) : default;
        ReadOnlySpan<byte> uptime = TextLines.NextField(ref line);
        int dot = uptime.IndexOf((byte)'.');
        return dot > 0 && NumberText.TryParse(uptime[..dot], out long seconds) && NumberText.TryParse(uptime[(dot + 1)..], out long hundredths)
            ? Saturating.Add(Saturating.Scale(seconds, 1_000_000_000, 1), Saturating.Scale(hundredths, 10_000_000, 1))
            : 0;
    }
}
