namespace ProcFs.Keeping;

/// <summary>
/// How long to rest before the next life. After one that never got ready twice as long as after the one before it. After one that did, not
/// at all, or hardly: a kill at a random moment costs nobody time. But only so many of those are free, and then one in a while: a server
/// that ends by itself as soon as it is ready must not keep a CPU busy for ever.
/// </summary>
internal sealed class Backoff
{
    /// <summary>More than anyone kills by hand, and a minute of a server that lives no longer than it takes to start.</summary>
    private const double Free = 300;

    private static readonly TimeSpan OneMoreEvery = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _first;
    private readonly TimeSpan _most;
    private TimeSpan _next;
    private double _budget = Free;
    private long _countedNs;

    public Backoff(TimeSpan first, TimeSpan most)
    {
        _first = first;
        _most = most;
        _next = first;
    }

    /// <summary>10 ms, 20 ms and so on, up to 5 s.</summary>
    public Backoff()
        : this(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(5))
    {
    }

    /// <summary>The rest after a life that ended before it was ready.</summary>
    public TimeSpan AfterBad()
    {
        TimeSpan rest = _next;
        _next = rest * 2 < _most ? rest * 2 : _most;
        return rest;
    }

    /// <summary>The rest after a life that was ready.</summary>
    /// <param name="isShort">Whether it ended right after.</param>
    /// <param name="nowNs">The time.</param>
    public TimeSpan AfterReady(bool isShort, long nowNs)
    {
        _next = _first;
        _budget = Math.Min(Free, _budget + ((nowNs - _countedNs) / (double)OneMoreEvery.ToNs())) - 1;
        _countedNs = nowNs;
        TimeSpan owed = _budget < 0 ? -_budget * OneMoreEvery : TimeSpan.Zero;
        TimeSpan least = isShort ? _first : TimeSpan.Zero;
        return owed > least ? owed : least;
    }
}
