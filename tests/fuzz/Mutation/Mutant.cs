namespace ProcFs.Fuzz.Mutation;

/// <summary>One change of an input.</summary>
internal delegate void Change(Mutant mutant);

/// <summary>An input while it is being changed, and what changes draw from. The same seed makes the same of the same.</summary>
internal sealed class Mutant(byte[] input, Random random, IReadOnlyList<byte[]> others, IReadOnlyList<byte[]> words)
{
    public List<byte> Bytes { get; } = [.. input];

    public Random Random { get; } = random;

    public int Length => Bytes.Count;

    /// <summary>One of the inputs that are known.</summary>
    public byte[] Other() => others.Count == 0 ? [] : others[Random.Next(others.Count)];

    /// <summary>A word that may mean something to the program: half of the time one of the troublemakers.</summary>
    public byte[] Word() => words.Count == 0 || Random.Next(2) == 0 ? Engine.Words.Troublemakers[Random.Next(Engine.Words.Troublemakers.Count)] : words[Random.Next(words.Count)];

    /// <summary>A place to put something; the end is one.</summary>
    public int Place() => Random.Next(Length + 1);

    public void Insert(int at, ReadOnlySpan<byte> bytes) => Bytes.InsertRange(at, bytes);

    public void Replace(int at, int length, ReadOnlySpan<byte> by)
    {
        Bytes.RemoveRange(at, length);
        Bytes.InsertRange(at, by);
    }

    /// <summary>Mostly short, at times all there is.</summary>
    public int SomeLength(int most) => most == 0 ? 0 : Random.Next(8) == 0 ? Random.Next(most) + 1 : Math.Min(most, 1 << Random.Next(6));
}
