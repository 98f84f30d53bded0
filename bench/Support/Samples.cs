namespace ProcFs.Bench;

/// <summary>Durations of the same thing, in nanoseconds, and what they come down to.</summary>
internal sealed class Samples
{
    private readonly List<long> _values;
    private bool _isSorted;

    public Samples(IEnumerable<long>? values = null) => _values = [.. values ?? []];

    public int Count => _values.Count;

    /// <summary>In nanoseconds; 0 without samples.</summary>
    public double Median => Percentile(50);

    public double P99 => Percentile(99);

    public void Add(long nanoseconds)
    {
        _values.Add(nanoseconds);
        _isSorted = false;
    }

    public void AddAll(Samples others)
    {
        _values.AddRange(others._values);
        _isSorted = false;
    }

    /// <summary>
    /// The value that so many per cent of the samples do not exceed, between two neighbours in proportion; 0 without samples.
    /// </summary>
    /// <param name="percent">0 to 100.</param>
    public double Percentile(double percent)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(percent, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        if (_values.Count == 0)
        {
            return 0;
        }

        if (!_isSorted)
        {
            _values.Sort();
            _isSorted = true;
        }

        double rank = percent / 100 * (_values.Count - 1);
        int below = (int)rank;
        double above = _values[Math.Min(below + 1, _values.Count - 1)];
        return _values[below] + ((rank - below) * (above - _values[below]));
    }

    /// <summary>How often the one is as large as the other; null when one of them was not measured.</summary>
    public static double? Ratio(double? numerator, double? denominator) => numerator > 0 && denominator > 0 ? numerator / denominator : null;

    /// <summary>The mean of ratios: one that is doubled and one that is halved cancel out. Null when one is missing, or there is none.</summary>
    public static double? GeometricMean(IEnumerable<double?> ratios)
    {
        double[] logarithms = [.. ratios.Select(r => r > 0 ? Math.Log(r.Value) : double.NaN)];
        return logarithms.Length == 0 || logarithms.Any(double.IsNaN) ? null : Math.Exp(logarithms.Average());
    }

    /// <summary>The middle of a few numbers, or the mean of the two in the middle; null without any.</summary>
    public static double? MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
