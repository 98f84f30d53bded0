namespace ProcFs.Metrics;

/// <summary>An HTTP/1 request, as far as it matters here: GET /metrics.</summary>
internal static class MetricsRequest
{
    /// <summary>A longer one is refused.</summary>
    public const int MostBytes = 8192;

    /// <summary>Whether the whole head has come: nothing that is asked for here has a body.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> received) => received.IndexOf("\r\n\r\n"u8) >= 0 || received.IndexOf("\n\n"u8) >= 0;

    /// <summary>The status line's number: 200, 400, 404 or 405.</summary>
    public static int Status(ReadOnlySpan<byte> received)
    {
        int end = received.IndexOfAny((byte)'\r', (byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? received : received[..end];
        int first = line.IndexOf((byte)' ');
        int last = line.LastIndexOf((byte)' ');
        if (first <= 0 || last <= first + 1 || !line[(last + 1)..].StartsWith("HTTP/1."u8))
        {
            return 400;
        }

        ReadOnlySpan<byte> target = line[(first + 1)..last];
        int query = target.IndexOf((byte)'?');
        target = query < 0 ? target : target[..query];
        return !target.SequenceEqual("/metrics"u8) ? 404 : line[..first].SequenceEqual("GET"u8) ? 200 : 405;
    }
}
