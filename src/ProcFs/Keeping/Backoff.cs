namespace ProcFs.Keeping;

/// <summary>How long to rest before the next life: not at all after a good one, twice as long after each bad one as before it.</summary>
internal sealed class Backoff
{
    private readonly TimeSpan _first;
    private readonly TimeSpan _most;
    private TimeSpan _next;

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

    /// <summary>The rest after a life that has just ended.</summary>
    public TimeSpan After(bool isGood)
    {
        if (isGood)
        {
            _next = _first;
            return TimeSpan.Zero;
        }

        TimeSpan rest = _next;
        _next = rest * 2 < _most ? rest * 2 : _most;
        return rest;
    }
}
