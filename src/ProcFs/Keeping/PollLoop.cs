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

    /// <summary>Waits until a descriptor has something, at most that long, and serves all that have.</summary>
    public void Wait(TimeSpan atMost)
    {
        int count = _sources.Count;
        if (_polled.Length < count)
        {
            _polled = new Source[count * 2];
            _set = new Libc.PollFd[count * 2];
        }

        for (int i = 0; i < count; i++)
        {
            _polled[i] = _sources[i];
            _set[i] = new Libc.PollFd { Fd = _sources[i].Descriptor, Events = _sources[i].Events };
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
        public int Descriptor { get; } = descriptor;

        public short Events { get; } = events;

        public Action<short> Ready { get; } = ready;

        public bool IsActive { get; private set; } = true;

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
