using System.Numerics;

namespace ProcFs.Sampling;

/// <summary>Tells what was half written, or damaged, from what was not. Any single word that differs gives another result.</summary>
internal static unsafe class HistoryChecksum
{
    public static ulong Of(byte* start, int length, ulong seed)
    {
        ulong sum = Mix(seed, (ulong)length);
        for (int i = 0; i < length; i += sizeof(ulong))
        {
            sum = Mix(sum, *(ulong*)(start + i));
        }

        return sum;
    }

    // Each step can be undone, so no difference gets lost in it.
    public static ulong Mix(ulong sum, ulong word)
    {
        sum = BitOperations.RotateLeft((sum ^ word) * 0x9E37_79B9_7F4A_7C15, 29);
        return sum ^ (sum >> 32);
    }
}
