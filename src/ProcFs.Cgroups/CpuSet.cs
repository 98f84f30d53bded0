using System.Globalization;
using System.Text;
using ProcFs.Cgroups.Parsing;

namespace ProcFs.Cgroups;

/// <summary>A set of CPU numbers, sorted, immutable. Text form as in cpuset(7), "List format": <c>0,2-3</c>.</summary>
public sealed class CpuSet : IEquatable<CpuSet>
{
    /// <summary>The largest CPU number accepted. Kernels are built for 8192 CPUs at most today; a larger number is not a CPU.</summary>
    public const int MaxCpu = 65535;

    private readonly int[] _cpus;

    private CpuSet(int[] sorted) => _cpus = sorted;

    /// <summary>No CPU.</summary>
    public static CpuSet Empty { get; } = new([]);

    /// <summary>How many CPUs.</summary>
    public int Count => _cpus.Length;

    /// <summary>The CPU numbers, ascending.</summary>
    public ReadOnlySpan<int> Cpus => _cpus;

    /// <summary>The CPU number at a position: the virtual CPU i of a container is the element i.</summary>
    public int this[int index] => _cpus[index];

    /// <summary>The CPUs 0 … <paramref name="count"/>−1, at most as many as there are numbers.</summary>
    public static CpuSet FirstOf(int count)
    {
        int[] cpus = new int[Math.Clamp(count, 0, MaxCpu + 1)];
        for (int i = 0; i < cpus.Length; i++)
        {
            cpus[i] = i;
        }

        return new CpuSet(cpus);
    }

    /// <summary>Reads the list format; a final newline is allowed, an empty text is the empty set. False for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out CpuSet set)
    {
        set = Empty;
        if (!CpuSetText.TryParse(text, MaxCpu, out int[] cpus))
        {
            return false;
        }

        set = cpus.Length == 0 ? Empty : new CpuSet(cpus);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{byte}, out CpuSet)"/>
    public static bool TryParse(string text, out CpuSet set) => TryParse(Encoding.UTF8.GetBytes(text), out set);

    /// <summary>Where a CPU stands among them; -1: it is none of them.</summary>
    public int IndexOf(int cpu) => Math.Max(-1, Array.BinarySearch(_cpus, cpu));

    /// <summary>True when the CPU is one of them.</summary>
    public bool Contains(int cpu) => Array.BinarySearch(_cpus, cpu) >= 0;

    /// <summary>The CPUs that are in both. The same object when nothing is lost, so that the usual case allocates nothing.</summary>
    public CpuSet Intersect(CpuSet other)
    {
        int common = 0;
        foreach (int cpu in _cpus)
        {
            common += other.Contains(cpu) ? 1 : 0;
        }

        return common == Count ? this : common == 0 ? Empty : new CpuSet(Array.FindAll(_cpus, other.Contains));
    }

    /// <summary>The list format, without a newline; empty for the empty set.</summary>
    public string Format()
    {
        StringBuilder text = new();
        for (int start = 0; start < _cpus.Length;)
        {
            int end = start;
            while (end + 1 < _cpus.Length && _cpus[end + 1] == _cpus[end] + 1)
            {
                end++;
            }

            text.Append(start == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{_cpus[start]}");
            if (end > start)
            {
                text.Append(CultureInfo.InvariantCulture, $"-{_cpus[end]}");
            }

            start = end + 1;
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => Format();

    /// <inheritdoc/>
    public bool Equals(CpuSet? other) => other is not null && (ReferenceEquals(this, other) || _cpus.AsSpan().SequenceEqual(other._cpus));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int cpu in _cpus)
        {
            hash.Add(cpu);
        }

        return hash.ToHashCode();
    }
}
