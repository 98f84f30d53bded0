using System.Buffers.Binary;

namespace ProcFs.Fuzz.Mutation;

/// <summary>
/// An input that changes places in a memory image that is right: a letter says which image, a flag byte how it is taken, and then come the changes, each four
/// bytes with a place (which wraps around at the image's end), one with a length, and so many bytes.
/// </summary>
internal static class Patches
{
    private const int HeadSize = 2;

    public static IReadOnlyList<Change> ChangesFor(string images) =>
        [.. ByteChanges.All, Add, Add, Add, Add, AddNear, AddNear, Remove, Take, mutant => ChangeImage(mutant, images), ChangeFlags];

    public static byte[] Format(char image, byte flags, params (int Place, byte[] Bytes)[] changes)
    {
        using MemoryStream input = new();
        input.WriteByte((byte)image);
        input.WriteByte(flags);
        foreach ((int place, byte[] bytes) in changes)
        {
            input.Write(One(place, bytes));
        }

        return input.ToArray();
    }

    public static (char Image, byte Flags) Head(ReadOnlySpan<byte> input) => input.Length < HeadSize ? ('\0', (byte)0) : ((char)input[0], input[1]);

    /// <summary>Changes an image.</summary>
    public static void Apply(ReadOnlySpan<byte> input, Span<byte> image)
    {
        for (input = input.Length < HeadSize ? default : input[HeadSize..]; input.Length > 5;)
        {
            int place = (int)(BinaryPrimitives.ReadUInt32LittleEndian(input) % (uint)image.Length);
            int length = Math.Min(input[4], Math.Min(input.Length - 5, image.Length - place));
            input.Slice(5, length).CopyTo(image[place..]);
            input = input[(5 + length)..];
        }
    }

    private static byte[] One(int place, ReadOnlySpan<byte> bytes)
    {
        byte[] change = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(change, place);
        change[4] = (byte)bytes.Length;
        bytes.CopyTo(change.AsSpan(5));
        return change;
    }

    /// <summary>A number in a place of its own width; mostly where heads are.</summary>
    private static void Add(Mutant mutant)
    {
        int width = 1 << mutant.Random.Next(4);
        int place = mutant.Random.Next(4) switch { 0 => mutant.Random.Next(1 << 18), 1 => 4096 + mutant.Random.Next(1024), _ => mutant.Random.Next(256) };
        mutant.Insert(mutant.Length, One(place / width * width, Number(mutant.Random, width)));
    }

    /// <summary>A number beside one that is changed already: fields that go together.</summary>
    private static void AddNear(Mutant mutant)
    {
        if (mutant.Length > HeadSize + 5)
        {
            int width = 1 << mutant.Random.Next(4);
            int place = BinaryPrimitives.ReadInt32LittleEndian(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(mutant.Bytes)[HeadSize..]);
            place = Math.Max(0, (place & 0x3ffff) + (8 * (mutant.Random.Next(16) - 8)));
            mutant.Insert(mutant.Length, One(place / width * width, Number(mutant.Random, width)));
        }
    }

    private static void Remove(Mutant mutant) => mutant.Bytes.RemoveRange(Math.Min(HeadSize, mutant.Length), mutant.Random.Next(Math.Max(1, mutant.Length - HeadSize)));

    private static void Take(Mutant mutant)
    {
        byte[] other = mutant.Other();
        if (other.Length > HeadSize)
        {
            mutant.Insert(mutant.Length, other.AsSpan(HeadSize));
        }
    }

    private static void ChangeImage(Mutant mutant, string images)
    {
        if (mutant.Length > 0)
        {
            mutant.Bytes[0] = (byte)images[mutant.Random.Next(images.Length)];
        }
    }

    private static void ChangeFlags(Mutant mutant)
    {
        if (mutant.Length > 1)
        {
            mutant.Bytes[1] = (byte)mutant.Random.Next(4);
        }
    }

    private static byte[] Number(Random random, int width)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ByteChanges.Edge(random));
        return bytes[..width];
    }
}
