using System.Buffers.Binary;

namespace ProcFs.Fuzz.Mutation;

/// <summary>Changes that know nothing of what the bytes mean.</summary>
internal static class ByteChanges
{
    public static IReadOnlyList<Change> All { get; } = [FlipBit, SetByte, Remove, Repeat, Move, Cut, PutNumber, PutWord, PutWord, Splice, Cross];

    private static void FlipBit(Mutant mutant)
    {
        if (mutant.Length > 0)
        {
            mutant.Bytes[mutant.Random.Next(mutant.Length)] ^= (byte)(1 << mutant.Random.Next(8));
        }
    }

    private static void SetByte(Mutant mutant)
    {
        if (mutant.Length > 0)
        {
            mutant.Bytes[mutant.Random.Next(mutant.Length)] = mutant.Random.Next(3) switch
            {
                0 => 0,
                1 => (byte)mutant.Random.Next(256),
                _ => "0123456789- \t\n.:=,/"u8[mutant.Random.Next(19)],
            };
        }
    }

    private static void Remove(Mutant mutant)
    {
        int at = mutant.Place();
        mutant.Bytes.RemoveRange(at, mutant.SomeLength(mutant.Length - at));
    }

    private static void Repeat(Mutant mutant)
    {
        int at = mutant.Place();
        byte[] part = [.. mutant.Bytes.GetRange(at, mutant.SomeLength(mutant.Length - at))];
        for (int times = mutant.Random.Next(10) == 0 ? mutant.Random.Next(200) : 1; times > 0; times--)
        {
            mutant.Insert(at, part);
        }
    }

    private static void Move(Mutant mutant)
    {
        int at = mutant.Place();
        byte[] part = [.. mutant.Bytes.GetRange(at, mutant.SomeLength(mutant.Length - at))];
        mutant.Bytes.RemoveRange(at, part.Length);
        mutant.Insert(mutant.Place(), part);
    }

    private static void Cut(Mutant mutant)
    {
        int at = mutant.Place();
        mutant.Bytes.RemoveRange(at, mutant.Length - at);
    }

    /// <summary>A binary number at the edge of what fits, in place of what was there.</summary>
    private static void PutNumber(Mutant mutant)
    {
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(number, Edge(mutant.Random));
        int width = 1 << mutant.Random.Next(4);
        if (mutant.Length >= width)
        {
            mutant.Replace(mutant.Random.Next(mutant.Length - width + 1), width, number[..width]);
        }
    }

    private static void PutWord(Mutant mutant)
    {
        byte[] word = mutant.Word();
        int at = mutant.Place();
        mutant.Replace(at, mutant.Random.Next(2) == 0 ? 0 : Math.Min(word.Length, mutant.Length - at), word);
    }

    private static void Splice(Mutant mutant)
    {
        byte[] other = mutant.Other();
        int from = mutant.Random.Next(other.Length + 1);
        int length = mutant.Random.Next(other.Length - from + 1);
        int at = mutant.Place();
        mutant.Replace(at, mutant.Random.Next(2) == 0 ? 0 : Math.Min(length, mutant.Length - at), other.AsSpan(from, length));
    }

    /// <summary>The beginning of this one, the end of another.</summary>
    private static void Cross(Mutant mutant)
    {
        byte[] other = mutant.Other();
        int at = mutant.Place();
        mutant.Replace(at, mutant.Length - at, other.AsSpan(mutant.Random.Next(other.Length + 1)));
    }

    public static ulong Edge(Random random) => random.Next(8) switch
    {
        0 => 0,
        1 => ulong.MaxValue,
        2 => 1UL << 63,
        3 => long.MaxValue,
        4 => uint.MaxValue,
        5 => 1UL << random.Next(64),
        6 => (ulong)random.Next(300),
        _ => (ulong)random.NextInt64(),
    };
}
