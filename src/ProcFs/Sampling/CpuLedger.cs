using ProcFs.Containers;

namespace ProcFs.Sampling;

/// <summary>
/// The CPU times of one container, spread over its visible CPUs, since it began. Nothing in it ever falls: usage is booked
/// up to the capacity, what exceeds it (a sampling race, a limit just lowered) is carried to later moments, and idle is the
/// capacity that was not booked. So a container that uses all of its quota is 100 % busy, and Σ(user+system+idle) grows by
/// the capacity, second by second. The rules with numbers: docs/fields/stat.md.
/// </summary>
internal sealed partial class CpuLedger
{
    private readonly Lock _lock = new();
    private int _version;
    private long _atNs;
    private bool _hasUsage;
    private long _lastUserNs;
    private long _lastSystemNs;
    private long _lastNiceNs;
    private long[] _lastPerCpuNs = [];

    // Accumulators by virtual CPU number. They never get shorter: a CPU that is hidden keeps its values.
    private long[] _user = [];
    private long[] _nice = [];
    private long[] _system = [];
    private long[] _idle = [];
    private long[] _booked = [];

    private long _carriedUserNs;
    private long _carriedSystemNs;
    private long _carriedNiceNs;
    private long _capacityRemainder;
    private (long Numerator, long Denominator) _capacity;

    /// <summary>To be taken before the cgroup is read, and given to <see cref="Update"/>.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>
    /// Books a sample and copies the result out. A sample that was begun (see <see cref="Version"/>) before another one was
    /// booked may be older than that one; it is dropped, and the other's result, later than the caller's request, given out.
    /// </summary>
    public void Update(int versionBefore, in CpuSample sample, CpuTimes result)
    {
        lock (_lock)
        {
            if (_version == 0)
            {
                Create(sample);
                _version = 1;
                Keep();
            }
            else if (_version == versionBefore && sample.NowNs >= _atNs)
            {
                Book(sample);
                _version = _version == int.MaxValue ? 1 : _version + 1;
                Keep();
            }

            result.CopyFrom(_user, _nice, _system, _idle, Math.Min(sample.Cpus.Count, _user.Length));
        }
    }

    private void Create(in CpuSample sample)
    {
        int n = sample.Cpus.Count;
        Grow(n);
        SetCapacity(sample.Cpus);
        _atNs = sample.NowNs;

        // Usage before the first sample: as the kernel knows it per CPU, or spread evenly.
        long total = Saturating.Add(sample.UserNs, sample.SystemNs);
        Demand(sample, total, _booked, [], n);
        long age = Math.Max(0, sample.NowNs - (sample.StartNs ?? sample.NowNs));
        Parts capacity = new(TakeCapacity(age), n);
        for (int i = 0; i < n; i++)
        {
            _idle[i] = Math.Max(0, capacity[i] - _booked[i]);
        }

        Split(n, total, sample.UserNs, sample.NiceNs);
        if (sample.HasUsage)
        {
            Remember(sample);
        }
    }

    private void Book(in CpuSample sample)
    {
        int n = sample.Cpus.Count;
        Grow(n);
        long elapsed = sample.NowNs - _atNs;
        _atNs = sample.NowNs;
        // Somewhere in this interval a limit was changed. What was used under the old one fits into the interval, whatever the
        // new one says; else a container whose limit was lowered would seem busy long after it went idle.
        Int128 before = TakeCapacity(elapsed);
        bool changed = SetCapacity(sample.Cpus);
        Int128 capacity = changed ? TakeCapacity(elapsed) : before;
        Int128 room = Int128.Max(before, capacity);

        // A total that falls is a cgroup that was made anew, or a counter somebody reset: go on from there. A moment without usage
        // (the cgroup is going, a file could not be read) is not: nothing is booked for it, and the next one counts from the last.
        bool isComparable = sample.HasUsage && _hasUsage
            && Saturating.Add(sample.UserNs, sample.SystemNs) >= Saturating.Add(_lastUserNs, _lastSystemNs);
        (long userNow, long systemNow) = isComparable ? NeverFalling(sample.UserNs, sample.SystemNs) : (sample.UserNs, sample.SystemNs);
        long user = Saturating.Add(_carriedUserNs, isComparable ? userNow - _lastUserNs : 0);
        long system = Math.Min(Saturating.Add(_carriedSystemNs, isComparable ? systemNow - _lastSystemNs : 0), long.MaxValue - user);
        long nice = Math.Min(user, Saturating.Add(_carriedNiceNs, isComparable ? Math.Max(0, sample.NiceNs - _lastNiceNs) : 0));
        long demand = user + system;
        Demand(sample, demand, _booked, isComparable ? _lastPerCpuNs : sample.PerCpuNs, n);
        long booked = Fit(new Parts(room, n), n);
        Parts capacities = new(capacity, n);
        for (int i = 0; i < n; i++)
        {
            _idle[i] = Saturating.Add(_idle[i], Math.Max(0, capacities[i] - _booked[i]));
        }

        (long bookedUser, long bookedNice) = Split(n, demand, user, nice);
        _carriedUserNs = user - bookedUser;
        _carriedSystemNs = system - (booked - bookedUser);
        _carriedNiceNs = nice - bookedNice;
        if (sample.HasUsage)
        {
            Remember(sample);
            (_lastUserNs, _lastSystemNs) = (userNow, systemNow);
        }
    }

    /// <summary>
    /// User and system come from different sampling (v1: ticks scaled to the precise total), so one of them can fall while
    /// their sum grows. It keeps its last value, and the other one gets the difference.
    /// </summary>
    private (long User, long System) NeverFalling(long user, long system)
    {
        if (user < _lastUserNs)
        {
            return (_lastUserNs, system - (_lastUserNs - user));
        }

        return system < _lastSystemNs ? (user - (_lastSystemNs - system), _lastSystemNs) : (user, system);
    }

    /// <summary>
    /// Spreads <paramref name="total"/> over the visible CPUs: each gets what the kernel counted on it since <paramref name="before"/>,
    /// and all get an equal part of the rest (usage on CPUs that are not visible, carried usage, everything on v2).
    /// </summary>
    private static void Demand(in CpuSample sample, long total, Span<long> demand, ReadOnlySpan<long> before, int n)
    {
        demand[..n].Clear();
        long rest = total;
        for (int i = 0; i < n && !sample.PerCpuNs.IsEmpty; i++)
        {
            int cpu = sample.Cpus.Available[i];
            long now = cpu < sample.PerCpuNs.Length ? sample.PerCpuNs[cpu] : 0;
            long then = cpu < before.Length ? before[cpu] : 0;
            demand[i] = Math.Clamp(now - then, 0, rest);
            rest -= demand[i];
        }

        Parts parts = new(rest, n);
        for (int i = 0; i < n; i++)
        {
            demand[i] += parts[i];
        }
    }

    /// <summary>Moves demand above a CPU's part of the room to CPUs that have some left, in index order. What fits, in total.</summary>
    private long Fit(Parts room, int n)
    {
        long excess = 0;
        for (int i = 0; i < n; i++)
        {
            long over = Math.Max(0, _booked[i] - room[i]);
            _booked[i] -= over;
            excess += over;
        }

        long total = 0;
        for (int i = 0; i < n; i++)
        {
            long moved = Math.Min(excess, room[i] - _booked[i]);
            _booked[i] += moved;
            excess -= moved;
            total += _booked[i];
        }

        return total;
    }

    /// <summary>
    /// Adds what was booked per CPU to user, nice and system, in the proportion they have in the demand. Rounds on the running
    /// sum, so that no nanosecond is lost or invented. Returns the user and nice time that was booked.
    /// </summary>
    private (long User, long Nice) Split(int n, long demand, long user, long nice)
    {
        long bookedSoFar = 0;
        long userSoFar = 0;
        long niceSoFar = 0;
        for (int i = 0; i < n; i++)
        {
            bookedSoFar += _booked[i];
            long userUntil = Saturating.Scale(bookedSoFar, user, demand);
            long niceUntil = Saturating.Scale(userUntil, Math.Min(nice, user), user);
            long more = Math.Min(userUntil - userSoFar, long.MaxValue - _user[i]);
            _user[i] += more;
            _nice[i] += Math.Min(niceUntil - niceSoFar, more);
            _system[i] = Saturating.Add(_system[i], _booked[i] - (userUntil - userSoFar));
            (userSoFar, niceSoFar) = (userUntil, niceUntil);
        }

        return (userSoFar, niceSoFar);
    }

    private void Remember(in CpuSample sample)
    {
        _hasUsage = true;
        (_lastUserNs, _lastSystemNs, _lastNiceNs) = (sample.UserNs, sample.SystemNs, sample.NiceNs);
        if (_lastPerCpuNs.Length != sample.PerCpuNs.Length)
        {
            _lastPerCpuNs = new long[sample.PerCpuNs.Length];
        }

        sample.PerCpuNs.CopyTo(_lastPerCpuNs);
    }

    /// <summary>
    /// CPU time that all visible CPUs together can give in so many ns; the fraction that is left is given next time. More than 64 bits:
    /// 512 CPUs give 2^63 ns in 208 days.
    /// </summary>
    private Int128 TakeCapacity(long elapsedNs)
    {
        Int128 product = ((Int128)elapsedNs * _capacity.Numerator) + _capacityRemainder;
        _capacityRemainder = (long)(product % _capacity.Denominator);
        return product / _capacity.Denominator;
    }

    /// <summary>Whether it is another one than before.</summary>
    private bool SetCapacity(CpuView cpus)
    {
        if (_capacity == (cpus.CapacityNumerator, cpus.CapacityDenominator))
        {
            return false;
        }

        _capacity = (cpus.CapacityNumerator, cpus.CapacityDenominator);
        _capacityRemainder = 0;
        return true;
    }

    private void Grow(int n)
    {
        if (_user.Length < n)
        {
            Array.Resize(ref _user, n);
            Array.Resize(ref _nice, n);
            Array.Resize(ref _system, n);
            Array.Resize(ref _idle, n);
            Array.Resize(ref _booked, n);
        }
    }

    /// <summary>The n parts of a total that differ by 1 at most and add up to it.</summary>
    private readonly struct Parts
    {
        private readonly long _each;
        private readonly int _larger;

        public Parts(Int128 total, int n)
        {
            (Int128 each, Int128 rest) = Int128.DivRem(total, n);
            (_each, _larger) = ((long)each, (int)rest);
        }

        public long this[int i] => _each + (i < _larger ? 1 : 0);
    }
}
