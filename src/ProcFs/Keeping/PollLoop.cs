using System.Diagnostics;
using ProcFs.Interop;

namespace ProcFs.Keeping;

/// <summary>Waits for descriptors, and calls what is registered for those that have something. For one thread.</summary>
internal sealed class PollLoop
{
    private readonly List<Source> _sources = [];
    private Source[] _polled = [];
    private Libc.PollFd[] _set = [];

    /// <summary>Registers a descriptor.</summary>
    /// <param name="descriptor">Open until the source is removed.</param>
    /// <param name="events">POLLIN and the like; errors and hang-ups are always told.</param>
    /// <param name="ready">Called with what poll(2) says. May add and remove any source.</param>
    public Source Add(int descriptor, short events, Action<short> ready)
    {
        Source source = new(this, descriptor, events, ready);
        _sources.Add(source);
        return source;
    }

    /// <summary>Waits until a descriptor has something, a source has rested, or the time is over, and serves all that have something.</summary>
    public void Wait(TimeSpan atMost)
    {
        if (_polled.Length < _sources.Count)
        {
            _polled = new Source[_sources.Count * 2];
            _set = new Libc.PollFd[_sources.Count * 2];
        }

        int count = 0;
        foreach (Source source in _sources)
        {
            TimeSpan rest = source.RestLeft;
            if (rest > TimeSpan.Zero)
            {
                atMost = rest < atMost ? rest : atMost;
                continue;
            }

            _polled[count] = source;
            _set[count++] = new Libc.PollFd { Fd = source.Descriptor, Events = source.Events };
        }

        // Rounded up: a wait of less than a millisecond must not become a loop without any.
        int milliseconds = (int)Math.Ceiling(Math.Clamp(atMost.TotalMilliseconds, 0, 3_600_000));
        if (Libc.Poll(_set.AsSpan(0, count), milliseconds) > 0)
        {
            for (int i = 0; i < count; i++)
            {
                // One removed meanwhile is not called: its number may be another file's by now.
                if (_set[i].Revents != 0 && _polled[i].IsActive)
                {
                    _polled[i].Ready(_set[i].Revents);
                }
            }
        }

        Array.Clear(_polled, 0, count);
    }

    /// <summary>A registered descriptor.</summary>
    internal sealed class Source(PollLoop loop, int descriptor, short events, Action<short> ready)
    {
        private TimeSpan _rest;
        private long _restedSince;

        public int Descriptor { get; } = descriptor;

        public short Events { get; } = events;

        public Action<short> Ready { get; } = ready;

        public bool IsActive { get; private set; } = true;

        /// <summary>How much longer it is not looked at.</summary>
        public TimeSpan RestLeft
        {
            get
            {
                if (_rest > TimeSpan.Zero && Stopwatch.GetElapsedTime(_restedSince) is var rested && rested < _rest)
                {
                    return _rest - rested;
                }

                _rest = TimeSpan.Zero;
                return TimeSpan.Zero;
            }
        }

        /// <summary>From now on it is not looked at for that long, whatever it has.</summary>
        public void Rest(TimeSpan time)
        {
            _rest = time;
            _restedSince = Stopwatch.GetTimestamp();
        }

        /// <summary>To be called before the descriptor is closed.</summary>
        public void Remove()
        {
            if (IsActive)
            {
                IsActive = false;
                loop._sources.Remove(this);
            }
        }
    }
}
