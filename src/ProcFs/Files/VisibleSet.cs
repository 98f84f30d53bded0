using System.Buffers.Text;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// Some of a container's CPUs, as it numbers them: taken from a text with the host's numbers, and written in the forms that the kernel has for sets of
/// CPUs. CPUs that the container does not see are left out. Works on memory given to it.
/// </summary>
internal readonly ref struct VisibleSet
{
    private const int WordBits = 64;
    private const int GroupBits = 32; // of a bitmap in text, between two commas

    private readonly CpuView _cpus;
    private readonly Span<ulong> _words;

    /// <summary>No CPU yet.</summary>
    public VisibleSet(CpuView cpus, Span<ulong> words)
    {
        _cpus = cpus;
        _words = words;
        _words.Clear();
    }

    /// <summary>How much memory it takes.</summary>
    public static int WordsFor(CpuView cpus) => (cpus.NumberLimit + WordBits - 1) / WordBits;

    /// <summary>Adds one by the container's number.</summary>
    public void Add(int cpu) => _words[cpu / WordBits] |= 1UL << (cpu % WordBits);

    /// <summary>Adds what a list of the host's CPUs says: <c>0-3,8</c>, or <c>0 1 2 3 8</c>. What is no number or range adds nothing.</summary>
    public void AddList(ReadOnlySpan<byte> host)
    {
        while (!host.IsEmpty)
        {
            int end = host.IndexOfAny(", \n"u8);
            ReadOnlySpan<byte> part = end < 0 ? host : host[..end];
            host = end < 0 ? default : host[(end + 1)..];
            if (Utf8Parser.TryParse(part, out int first, out int used) && first >= 0)
            {
                ReadOnlySpan<byte> rest = part[used..];
                if (rest.IsEmpty)
                {
                    AddHosts(first, first);
                }
                else if (rest[0] == (byte)'-' && Utf8Parser.TryParse(rest[1..], out int last, out int more) && more == rest.Length - 1)
                {
                    AddHosts(first, last);
                }
            }
        }
    }

    /// <summary>Adds what a bitmap of the host's CPUs says: <c>00000003,ffffffff</c>, the highest first.</summary>
    public void AddMask(ReadOnlySpan<byte> host)
    {
        int cpu = 0;
        for (int i = host.Length - 1; i >= 0; i--)
        {
            int digit = DigitOf(host[i]);
            for (int bit = 0; digit >= 0 && bit < 4; bit++, cpu++)
            {
                if ((digit & (1 << bit)) != 0)
                {
                    AddHosts(cpu, cpu);
                }
            }
        }
    }

    /// <summary><c>0-1,3</c></summary>
    public void WriteList(TextBuffer output)
    {
        bool isFirst = true;
        for (int cpu = Next(0); cpu >= 0;)
        {
            int end = cpu;
            while (end + 1 < _cpus.NumberLimit && Has(end + 1))
            {
                end++;
            }

            WriteSeparator(output, (byte)',', ref isFirst);
            output.Write(cpu);
            if (end > cpu)
            {
                output.Write((byte)'-');
                output.Write(end);
            }

            cpu = Next(end + 1);
        }
    }

    /// <summary><c>0 1 3</c></summary>
    public void WriteNumbers(TextBuffer output)
    {
        bool isFirst = true;
        for (int cpu = Next(0); cpu >= 0; cpu = Next(cpu + 1))
        {
            WriteSeparator(output, (byte)' ', ref isFirst);
            output.Write(cpu);
        }
    }

    /// <summary><c>b</c>, <c>1,ffffffff</c>: a digit for each four CPUs that the container has, or part of four, and a comma before each 32.</summary>
    public void WriteMask(TextBuffer output)
    {
        int digits = (_cpus.NumberLimit + 3) / 4;
        for (int digit = digits - 1; digit >= 0; digit--)
        {
            int value = (int)(_words[digit * 4 / WordBits] >> (digit * 4 % WordBits)) & 0xf;
            output.Write("0123456789abcdef"u8[value]);
            if (digit > 0 && digit * 4 % GroupBits == 0)
            {
                output.Write((byte)',');
            }
        }
    }

    private static int DigitOf(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };

    private static void WriteSeparator(TextBuffer output, byte separator, ref bool isFirst)
    {
        if (!isFirst)
        {
            output.Write(separator);
        }

        isFirst = false;
    }

    /// <summary>A range of the host's CPUs, as long as it likes: the visible ones are gone through, not the range.</summary>
    private void AddHosts(int first, int last)
    {
        ReadOnlySpan<int> visible = _cpus.Available.Cpus[.._cpus.Count];
        int index = visible.BinarySearch(first);
        for (index = index < 0 ? ~index : index; index < visible.Length && visible[index] <= last; index++)
        {
            Add(_cpus.NumberOf(index));
        }
    }

    private bool Has(int cpu) => (_words[cpu / WordBits] & (1UL << (cpu % WordBits))) != 0;

    private int Next(int from)
    {
        while (from < _cpus.NumberLimit)
        {
            if (Has(from))
            {
                return from;
            }

            from++;
        }

        return -1;
    }
}
