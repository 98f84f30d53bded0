namespace ProcFs.Sampling;

/// <summary>
/// What one container's readers have seen, in memory that outlives the daemon. Two copies: the older one is overwritten, and counts
/// only when it is complete, so a daemon that is killed at any instant leaves a whole one. Safe for several threads.
/// </summary>
internal sealed unsafe class HistoryRecord
{
    /// <summary>Behind sequence and checksum.</summary>
    public const int SummedFrom = 2 * sizeof(ulong);

    private readonly Lock _lock = new();
    private readonly int _mostCpus;
    private readonly Action<string> _report;
    private byte* _current;
    private byte* _other;
    private HistoryHead _head;

    /// <summary>Goes on with the record that <see cref="Find"/> found.</summary>
    public HistoryRecord(int slot, byte* current, byte* other, int mostCpus, long nowNs, long latestNs, Action<string> report)
    {
        (Slot, _mostCpus, _report) = (slot, mostCpus, report);
        _current = current;
        _other = other;
        _head = *(HistoryHead*)current;
        _head.ClaimedNs = nowNs;
        _head.HighestPid = Math.Max(0, _head.HighestPid);
        if (!IsLedgerSane(latestNs))
        {
            _head.Cpus = 0;
            _head.HostCpus = 0;
        }

        if (!_head.Load.IsSane(latestNs))
        {
            _head.Load = default;
        }
    }

    /// <summary>Begins a record, in place of another one if there was one.</summary>
    public HistoryRecord(int slot, byte* current, byte* other, int mostCpus, in HistoryKey key, long? startNs, long nowNs, Action<string> report)
    {
        (Slot, _mostCpus, _report) = (slot, mostCpus, report);
        _current = current;
        _other = other;
        // Above what was here before, which counts until this does.
        ulong before = Math.Max(SequenceOf(current), SequenceOf(other));
        _head = new HistoryHead { Sequence = before, Key = key, StartNs = startNs ?? HistoryHead.NoStart, ClaimedNs = nowNs };
        lock (_lock)
        {
            Write(_head, default, default, default, default, default);
        }
    }

    /// <summary>Its place in the file.</summary>
    public int Slot { get; }

    /// <summary>The container's start as it was shown first; null when it could not be told then.</summary>
    public long? StartNs => StartOf(_head);

    /// <summary>The highest process number that was shown.</summary>
    public int HighestPid
    {
        get
        {
            lock (_lock)
            {
                return _head.HighestPid;
            }
        }
    }

    /// <summary>The load averages as they were shown last; all zeros: none was.</summary>
    public LoadState Load
    {
        get
        {
            lock (_lock)
            {
                return _head.Load;
            }
        }
    }

    public static long? StartOf(in HistoryHead head) => head.StartNs == HistoryHead.NoStart ? null : head.StartNs;

    /// <summary>The one of two copies that counts; null: neither does.</summary>
    public static byte* Find(byte* first, byte* second, int mostCpus)
    {
        bool isFirst = IsWhole(first, mostCpus);
        bool isSecond = IsWhole(second, mostCpus);
        return isFirst && (!isSecond || SequenceOf(first) >= SequenceOf(second)) ? first : isSecond ? second : null;
    }

    public static ulong SequenceOf(byte* copy) => ((HistoryHead*)copy)->Sequence;

    /// <summary>From now on a copy that is written counts.</summary>
    public static void Seal(byte* copy, ulong sequence)
    {
        HistoryHead* head = (HistoryHead*)copy;
        head->Checksum = HistoryChecksum.Of(copy + SummedFrom, SizeOf(*head) - SummedFrom, sequence);
        Volatile.Write(ref head->Sequence, sequence);
    }

    /// <summary>Nothing of a record counts any more. The current copy goes last: while there is one, it is the newest.</summary>
    public static void Erase(byte* current, byte* other)
    {
        Volatile.Write(ref ((HistoryHead*)other)->Sequence, 0);
        Volatile.Write(ref ((HistoryHead*)current)->Sequence, 0);
    }

    /// <summary>The ledger as it was; false when there is none. The arrays are new ones.</summary>
    public bool TryLoad(out LedgerState state, out long[] user, out long[] nice, out long[] system, out long[] idle, out long[] lastPerCpu)
    {
        lock (_lock)
        {
            state = _head.Ledger;
            (user, nice, system, idle, lastPerCpu) = ([], [], [], [], []);
            if (_current is null || _head.Cpus == 0)
            {
                return false;
            }

            int n = _head.Cpus;
            ReadOnlySpan<long> numbers = NumbersOf(_current, _head.Numbers);
            user = numbers[..n].ToArray();
            nice = numbers[n..(2 * n)].ToArray();
            system = numbers[(2 * n)..(3 * n)].ToArray();
            idle = numbers[(3 * n)..(4 * n)].ToArray();
            lastPerCpu = numbers[(4 * n)..].ToArray();
            return true;
        }
    }

    /// <summary>
    /// Keeps the ledger; nothing happens when the record is nobody's any more. When there are more CPUs than fit, nothing is kept from now
    /// on: what was kept before is too old.
    /// </summary>
    public void Save(in LedgerState state, ReadOnlySpan<long> user, ReadOnlySpan<long> nice, ReadOnlySpan<long> system, ReadOnlySpan<long> idle, ReadOnlySpan<long> lastPerCpu)
    {
        lock (_lock)
        {
            if (_current is null)
            {
                return;
            }

            if (user.Length > _mostCpus || lastPerCpu.Length > _mostCpus)
            {
                Detach(erase: true);
                _report("a container has more CPUs than the host said there can be");
                return;
            }

            HistoryHead head = _head;
            (head.Ledger, head.Cpus, head.HostCpus) = (state, user.Length, lastPerCpu.Length);

            Write(head, user, nice, system, idle, lastPerCpu);
        }
    }

    /// <summary>Keeps the highest process number; the ledger stays as it is.</summary>
    public void SaveHighestPid(int highestPid)
    {
        lock (_lock)
        {
            if (_current is null || highestPid <= _head.HighestPid)
            {
                return;
            }

            HistoryHead head = _head;
            head.HighestPid = highestPid;
            Rewrite(head);
        }
    }

    /// <summary>Keeps the load averages; the ledger stays as it is.</summary>
    public void SaveLoad(in LoadState load)
    {
        lock (_lock)
        {
            if (_current is null)
            {
                return;
            }

            HistoryHead head = _head;
            head.Load = load;
            Rewrite(head);
        }
    }

    /// <summary>From now on nothing is written any more.</summary>
    public void Detach(bool erase)
    {
        lock (_lock)
        {
            if (_current is not null && erase)
            {
                Erase(_current, _other);
            }

            _current = null;
            _other = null;
        }
    }

    private static bool IsWhole(byte* copy, int mostCpus)
    {
        HistoryHead* head = (HistoryHead*)copy;
        return head->Sequence != 0 && head->Cpus >= 0 && head->Cpus <= mostCpus && head->HostCpus >= 0 && head->HostCpus <= mostCpus
            && head->Checksum == ChecksumOf(copy);
    }

    private static int SizeOf(in HistoryHead head) => sizeof(HistoryHead) + (head.Numbers * sizeof(long));

    private static ulong ChecksumOf(byte* copy)
    {
        HistoryHead* head = (HistoryHead*)copy;
        return HistoryChecksum.Of(copy + SummedFrom, SizeOf(*head) - SummedFrom, head->Sequence);
    }

    private static Span<long> NumbersOf(byte* copy, int count) => new(copy + sizeof(HistoryHead), count);

    private bool IsLedgerSane(long nowNs)
    {
        if (_head.Cpus == 0)
        {
            return false;
        }

        int n = _head.Cpus;
        ReadOnlySpan<long> numbers = NumbersOf(_current, _head.Numbers);
        bool isSane = _head.Ledger.IsSane(nowNs) && !numbers.ContainsAnyInRange(long.MinValue, -1);
        for (int i = 0; i < n; i++)
        {
            // User time has nice in it.
            isSane &= numbers[n + i] <= numbers[i];
        }

        return isSane;
    }

    /// <summary>Another head with the numbers that are there.</summary>
    private void Rewrite(in HistoryHead head)
    {
        int n = head.Cpus;
        ReadOnlySpan<long> numbers = NumbersOf(_current, head.Numbers);
        Write(head, numbers[..n], numbers[n..(2 * n)], numbers[(2 * n)..(3 * n)], numbers[(3 * n)..(4 * n)], numbers[(4 * n)..]);
    }

    /// <summary>Into the older copy, which does not count from the first store to the last.</summary>
    private void Write(in HistoryHead head, ReadOnlySpan<long> user, ReadOnlySpan<long> nice, ReadOnlySpan<long> system, ReadOnlySpan<long> idle, ReadOnlySpan<long> lastPerCpu)
    {
        byte* copy = _other;
        HistoryHead* target = (HistoryHead*)copy;
        ulong sequence = head.Sequence + 1;
        Volatile.Write(ref target->Sequence, 0);
        Interlocked.MemoryBarrier();
        HistoryHead written = head;
        written.Sequence = 0;
        *target = written;
        Span<long> numbers = NumbersOf(copy, head.Numbers);
        int n = head.Cpus;
        user.CopyTo(numbers);
        nice.CopyTo(numbers[n..]);
        system.CopyTo(numbers[(2 * n)..]);
        idle.CopyTo(numbers[(3 * n)..]);
        lastPerCpu.CopyTo(numbers[(4 * n)..]);
        written.Sequence = sequence;
        Seal(copy, sequence);
        _head = written;
        _other = _current;
        _current = copy;
    }
}
