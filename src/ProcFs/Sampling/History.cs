using System.Globalization;
using ProcFs.Host;
using ProcFs.Interop;

namespace ProcFs.Sampling;

/// <summary>
/// What containers have been shown, kept in a file so that the next daemon goes on from there: start, CPU ledger, highest process
/// number. A container whose history cannot be kept is served all the same, and starts over with the next daemon. Safe for several
/// threads.
/// </summary>
internal sealed unsafe class History : IDisposable
{
    // The clock of another procfs may be behind by one of its steps.
    private const long ClockStepNs = 1_000_000_000;

    private readonly Lock _lock = new();
    private readonly HistoryFile _file;
    private readonly TimeProvider _clock;
    private readonly Action<string> _report;
    private readonly Dictionary<HistoryKey, int> _unclaimed = [];
    private readonly Dictionary<int, HistoryRecord> _claimed = [];
    private readonly Stack<int> _free = new();
    private bool _hasReported;
    private bool _isDisposed;

    private History(HistoryFile file, TimeProvider clock, Action<string> report)
    {
        _file = file;
        _clock = clock;
        _report = report;
    }

    /// <summary>How many containers are remembered, those that nobody has asked for yet included.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _unclaimed.Count + _claimed.Count;
            }
        }
    }

    /// <summary>Opens the file, or makes a new one. Never fails: null when nothing can be kept.</summary>
    /// <param name="path">The file; only one daemon may use it at a time.</param>
    /// <param name="roots">The host that the containers are on.</param>
    /// <param name="clock">Time since boot in ns.</param>
    /// <param name="report">Told, in a sentence, what cannot be kept, or was not found as it was left; at most once now and once later.</param>
    public static History? Open(string path, HostRoots roots, TimeProvider clock, Action<string> report)
    {
        if (HistoryScope.Read(roots) is not { } scope)
        {
            report($"CPU times will start over with the next daemon: {roots.Proc} does not tell the boot id");
            return null;
        }

        HistoryFile? file = HistoryFile.TryOpen(path, scope, out string? defect);
        if (file is null)
        {
            file = HistoryFile.TryCreate(path, scope, out string? obstacle);
            if (file is null)
            {
                report($"CPU times start over, and will with the next daemon: cannot make {path}: {obstacle}");
                return null;
            }
        }

        History history = new(file, clock, report);
        int damaged = history.Find();
        if (defect is not null)
        {
            report($"CPU times start over: {path} cannot be continued ({defect})");
        }
        else if (damaged > 0)
        {
            report(string.Create(CultureInfo.InvariantCulture, $"CPU times of {damaged} container(s) start over: their records in {path} are damaged"));
        }

        return history;
    }

    /// <summary>The start of a container as an earlier daemon has shown it, which may be "unknown". False: no daemon has shown it.</summary>
    public bool TryFindStart(in HistoryKey key, out long? startNs)
    {
        startNs = null;
        lock (_lock)
        {
            if (_isDisposed || !_unclaimed.TryGetValue(key, out int slot))
            {
                return false;
            }

            startNs = HistoryRecord.StartOf(*(HistoryHead*)CurrentOf(slot));
            return true;
        }
    }

    /// <summary>The record to keep a container in, begun now if there is none. Null when there is no room.</summary>
    /// <param name="key">Of a container that has no record in use.</param>
    /// <param name="startNs">Its start, if it is new.</param>
    public HistoryRecord? Claim(in HistoryKey key, long? startNs)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return null;
            }

            long now = _clock.GetTimestamp();
            HistoryRecord record;
            if (_unclaimed.Remove(key, out int slot))
            {
                byte* current = CurrentOf(slot);
                record = new HistoryRecord(slot, current, OtherThan(current, slot), _file.Cpus, now, now + ClockStepNs, Report);
            }
            else if (TryFindRoom(out slot))
            {
                byte* first = _file.First(slot);
                byte* second = _file.Second(slot);
                bool isFirstNewer = HistoryRecord.SequenceOf(first) > HistoryRecord.SequenceOf(second);
                record = new HistoryRecord(slot, isFirstNewer ? first : second, isFirstNewer ? second : first, _file.Cpus, key, startNs, now, Report);
            }
            else
            {
                return null;
            }

            _claimed.Add(slot, record);
            return record;
        }
    }

    /// <summary>Forgets a container that has ended.</summary>
    public void Remove(HistoryRecord record)
    {
        record.Detach(erase: true);
        lock (_lock)
        {
            if (!_isDisposed && _claimed.Remove(record.Slot))
            {
                _free.Push(record.Slot);
            }
        }
    }

    /// <summary>Containers may be in use still: what they show from now on is not kept.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            foreach (HistoryRecord record in _claimed.Values)
            {
                record.Detach(erase: false);
            }

            _file.Dispose();
        }
    }

    /// <summary>Looks at all records. How many were damaged.</summary>
    private int Find()
    {
        int damaged = 0;
        for (int slot = _file.Records - 1; slot >= 0; slot--)
        {
            byte* current = CurrentOf(slot);
            if (current is null)
            {
                // Zero is what a new record has, and one whose first copy was never finished.
                damaged += HistoryRecord.SequenceOf(_file.First(slot)) != 0 || HistoryRecord.SequenceOf(_file.Second(slot)) != 0 ? 1 : 0;
                Free(slot);
            }
            else if (!_unclaimed.TryAdd(((HistoryHead*)current)->Key, slot))
            {
                Free(slot);
            }
        }

        return damaged;
    }

    private void Free(int slot)
    {
        HistoryRecord.Erase(_file.First(slot), _file.Second(slot));
        _free.Push(slot);
    }

    /// <summary>A free place, a new one, or that of the container that was asked for longest ago and not since this daemon runs.</summary>
    private bool TryFindRoom(out int slot)
    {
        if (_free.TryPop(out slot))
        {
            return true;
        }

        Errno error = Errno.ENOSPC;
        if (_file.Records < HistoryFile.MostRecords)
        {
            slot = _file.Records;
            error = _file.AddRecord();
            if (error == Errno.None)
            {
                return true;
            }
        }

        if (_unclaimed.Count == 0)
        {
            Report(_file.Records < HistoryFile.MostRecords ? Libc.Describe(error) : $"there are more than {HistoryFile.MostRecords} containers");
            return false;
        }

        (HistoryKey oldest, slot) = _unclaimed.MinBy(entry => ((HistoryHead*)CurrentOf(entry.Value))->ClaimedNs);
        _unclaimed.Remove(oldest);
        return true;
    }

    private void Report(string obstacle)
    {
        if (!Interlocked.Exchange(ref _hasReported, true))
        {
            _report($"CPU times of new containers will start over with the next daemon: {obstacle}");
        }
    }

    private byte* CurrentOf(int slot) => HistoryRecord.Find(_file.First(slot), _file.Second(slot), _file.Cpus);

    private byte* OtherThan(byte* current, int slot) => current == _file.First(slot) ? _file.Second(slot) : _file.First(slot);
}
