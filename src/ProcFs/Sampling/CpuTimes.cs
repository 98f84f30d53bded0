namespace ProcFs.Sampling;

/// <summary>What a ledger has accumulated, in ns: a copy that belongs to one worker. Index: virtual CPU number.</summary>
internal sealed class CpuTimes
{
    private long[] _values = [];
    private int _count;

    /// <summary>Visible CPUs at that moment; those beyond are hidden, but part of the sums.</summary>
    public int Visible { get; private set; }

    /// <summary>Sums over visible and hidden CPUs. User does not include nice.</summary>
    public CpuTime Sum { get; private set; }

    public CpuTime this[int cpu] => new(_values[cpu], _values[_count + cpu], _values[(2 * _count) + cpu], _values[(3 * _count) + cpu]);

    /// <summary>Takes over accumulators of equal length; user is user and nice together.</summary>
    public void CopyFrom(ReadOnlySpan<long> user, ReadOnlySpan<long> nice, ReadOnlySpan<long> system, ReadOnlySpan<long> idle, int visible)
    {
        _count = user.Length;
        Visible = visible;
        if (_values.Length < 4 * _count)
        {
            _values = new long[4 * _count];
        }

        CpuTime sum = default;
        for (int i = 0; i < _count; i++)
        {
            _values[i] = user[i] - nice[i];
            _values[_count + i] = nice[i];
            _values[(2 * _count) + i] = system[i];
            _values[(3 * _count) + i] = idle[i];
            sum += this[i];
        }

        Sum = sum;
    }
}

/// <summary>CPU time by kind, in ns. The sum over many CPUs needs more than 64 bits.</summary>
internal readonly record struct CpuTime(Int128 UserNs, Int128 NiceNs, Int128 SystemNs, Int128 IdleNs)
{
    public static CpuTime operator +(CpuTime left, CpuTime right) => new(
        left.UserNs + right.UserNs, left.NiceNs + right.NiceNs, left.SystemNs + right.SystemNs, left.IdleNs + right.IdleNs);
}
