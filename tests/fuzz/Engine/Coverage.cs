using System.Runtime.InteropServices;

namespace ProcFs.Fuzz;

/// <summary>
/// By which edges of the program the input that is being tried came, and how often: each instrumented block calls <see cref="Hit"/>. Of the one thread that
/// tries inputs; what others do at the same time would look like a finding.
/// </summary>
public static unsafe class Coverage
{
    /// <summary>Cells; an edge is one of them.</summary>
    internal const int Size = 1 << 18;

    private static readonly byte* Counts = (byte*)NativeMemory.AllocZeroed(Size);
    private static readonly int* Touched = (int*)NativeMemory.AllocZeroed(Size, sizeof(int));

    [ThreadStatic]
    private static bool _isWatched;

    private static int _touched;
    private static int _last;

    /// <summary>Whether any block ever called: the program is instrumented.</summary>
    internal static bool IsThere { get; private set; }

    /// <summary>A block was entered.</summary>
    /// <param name="block">Its number.</param>
    public static void Hit(int block)
    {
        if (!_isWatched)
        {
            return;
        }

        int cell = (block ^ _last) & (Size - 1);
        _last = (int)((uint)block >> 1);
        byte* count = Counts + cell;
        if (*count == 0)
        {
            Touched[_touched++] = cell;
        }

        if (*count < byte.MaxValue)
        {
            (*count)++;
        }
    }

    /// <summary>From now on this thread's blocks count, from zero.</summary>
    internal static void Begin()
    {
        for (int i = 0; i < _touched; i++)
        {
            Counts[Touched[i]] = 0;
        }

        (_touched, _last, _isWatched) = (0, 0, true);
    }

    internal static void End()
    {
        _isWatched = false;
        IsThere |= _touched > 0;
    }

    /// <summary>Adds what was seen since <see cref="Begin"/> to what is known. True: something of it is new.</summary>
    /// <param name="known">For each cell, a bit for each order of magnitude of its count that was ever seen.</param>
    internal static bool AddTo(Span<byte> known)
    {
        bool isNew = false;
        for (int i = 0; i < _touched; i++)
        {
            int cell = Touched[i];
            byte seen = Magnitude(Counts[cell]);
            isNew |= (known[cell] & seen) == 0;
            known[cell] |= seen;
        }

        return isNew;
    }

    /// <summary>The cells that were touched since <see cref="Begin"/>.</summary>
    internal static ReadOnlySpan<int> Cells => new(Touched, _touched);

    /// <summary>1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, more: a loop that runs once more is not always news.</summary>
    private static byte Magnitude(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
