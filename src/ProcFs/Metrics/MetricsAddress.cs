using System.Globalization;

namespace ProcFs.Metrics;

/// <summary>Where metrics are served: a unix socket, or a port of this host alone.</summary>
/// <param name="Path">Of the socket; null: a port.</param>
/// <param name="IsV6">Of ::1, else of 127.0.0.1.</param>
/// <param name="Port">1 to 65535; 0 with a path.</param>
internal sealed record MetricsAddress(string? Path, bool IsV6, ushort Port)
{
    /// <summary>What an address must be, for people.</summary>
    public const string Expected = "\"unix:/path\" (at most 107 bytes), \"127.0.0.1:PORT\" or \"[::1]:PORT\": what is counted is for this host alone";

    private const int LongestPath = 107; // of sun_path's 108 bytes one is for the NUL
    private const string Unix = "unix:";

    /// <summary>Null: it is none.</summary>
    public static MetricsAddress? Parse(string text)
    {
        if (text.StartsWith(Unix, StringComparison.Ordinal))
        {
            string path = text[Unix.Length..];
            bool isPath = path.StartsWith('/') && !path.EndsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
                && System.Text.Encoding.UTF8.GetByteCount(path) <= LongestPath;
            return isPath ? new MetricsAddress(path, false, 0) : null;
        }

        const string v4 = "127.0.0.1:";
        const string v6 = "[::1]:";
        string? port = text.StartsWith(v4, StringComparison.Ordinal) ? text[v4.Length..] : text.StartsWith(v6, StringComparison.Ordinal) ? text[v6.Length..] : null;
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0
            ? new MetricsAddress(null, text[0] == '[', number)
            : null;
    }

    public override string ToString() => Path is not null ? Unix + Path : string.Create(CultureInfo.InvariantCulture, $"{(IsV6 ? "[::1]" : "127.0.0.1")}:{Port}");
}
