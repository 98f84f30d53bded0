namespace ProcFs.Sampling;

// What is kept for the next daemon, whose ledger goes on to the nanosecond as this one would have.
internal sealed partial class CpuLedger
{
    private readonly HistoryRecord? _record;

    /// <param name="record">Where it is kept, and continued from; null: nowhere.</param>
    public CpuLedger(HistoryRecord? record = null)
    {
        _record = record;
        if (record is not null && record.TryLoad(out LedgerState state, out _user, out _nice, out _system, out _idle, out _lastPerCpuNs))
        {
            (_atNs, _hasUsage) = (state.AtNs, state.HasUsage != 0);
            (_lastUserNs, _lastSystemNs, _lastNiceNs) = (state.LastUserNs, state.LastSystemNs, state.LastNiceNs);
            (_carriedUserNs, _carriedSystemNs, _carriedNiceNs) = (state.CarriedUserNs, state.CarriedSystemNs, state.CarriedNiceNs);
            (_capacityRemainder, _capacity) = (state.CapacityRemainder, (state.CapacityNumerator, state.CapacityDenominator));
            _booked = new long[_user.Length];
            // Nobody can have begun a sample before this one exists.
            _version = 1;
        }
    }

    /// <summary>With the lock held, and before anybody is shown what was booked.</summary>
    private void Keep()
    {
        LedgerState state = new()
        {
            AtNs = _atNs,
            HasUsage = _hasUsage ? 1 : 0,
            LastUserNs = _lastUserNs,
            LastSystemNs = _lastSystemNs,
            LastNiceNs = _lastNiceNs,
            CarriedUserNs = _carriedUserNs,
            CarriedSystemNs = _carriedSystemNs,
            CarriedNiceNs = _carriedNiceNs,
            CapacityRemainder = _capacityRemainder,
            CapacityNumerator = _capacity.Numerator,
            CapacityDenominator = _capacity.Denominator,
        };
        _record?.Save(state, _user, _nice, _system, _idle, _lastPerCpuNs);
    }
}
