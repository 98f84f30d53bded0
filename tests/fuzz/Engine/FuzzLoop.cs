using System.Diagnostics;
using ProcFs.Fuzz.Mutation;
using ProcFs.Fuzz.Targets;

namespace ProcFs.Fuzz.Engine;

/// <summary>
/// Tries inputs of one target, one after the other: each is made of one that is kept, by a seed, and is kept when it goes a way that none went before. The same
/// kept inputs and the same seed make the same input.
/// </summary>
internal sealed class FuzzLoop(IFuzzTarget target, FuzzFolder folder, Exchange exchange)
{
    private const int TriesToShorten = 2000;
    private const int MostChanges = 6;
    private const int MostDefects = 50;

    private readonly List<byte[]> _kept = [];
    private readonly byte[] _known = new byte[Coverage.Size];
    private readonly IReadOnlyList<byte[]> _words = Words.OfProgram();
    private readonly HashSet<string> _signatures = [];

    /// <summary>Runs until time is up. All that is known is tried first: the repository's inputs, the target's own, those of earlier runs.</summary>
    /// <param name="corpus">Where the repository's inputs are.</param>
    /// <param name="time">How long.</param>
    /// <param name="inputs">How many inputs at most.</param>
    public void Run(string corpus, TimeSpan time, long inputs = long.MaxValue)
    {
        Stopwatch since = Stopwatch.StartNew();
        foreach (byte[] input in FuzzFolder.Read(corpus).Concat(target.Seeds()).Concat(FuzzFolder.Read(folder.Queue)))
        {
            // The first ones are kept whether they are new or not: where nothing is instrumented nothing ever is.
            if (Try(input) || _kept.Count == 0)
            {
                _kept.Add(input);
            }
        }

        if (!Coverage.IsThere)
        {
            _kept.Clear();
            _kept.AddRange(FuzzFolder.Read(corpus).Concat(target.Seeds()));
        }

        while (since.Elapsed < time && exchange.Begun < inputs && _signatures.Count < MostDefects)
        {
            byte[] input = Make(target, _kept, _words, exchange.Seed++);
            if (Try(input))
            {
                _kept.Add(input);
                folder.Keep(input);
            }

            exchange.Kept = _kept.Count;
        }
    }

    /// <summary>An input that is made of known ones.</summary>
    /// <param name="target">Whose.</param>
    /// <param name="known">Those that were found last come last: they lead on.</param>
    /// <param name="words">What may mean something to the program.</param>
    /// <param name="seed">The same makes the same.</param>
    public static byte[] Make(IFuzzTarget target, IReadOnlyList<byte[]> known, IReadOnlyList<byte[]> words, long seed)
    {
        Random random = new((int)(seed ^ (seed >> 32)));
        int index = random.Next(2) == 0 ? random.Next(known.Count) : known.Count - 1 - random.Next(Math.Max(1, known.Count / 8));
        Mutant mutant = new(known[index], random, known, words);
        for (int changes = 1 + random.Next(MostChanges); changes > 0; changes--)
        {
            target.Changes[random.Next(target.Changes.Count)](mutant);
            if (mutant.Length > target.LongestInput)
            {
                mutant.Bytes.RemoveRange(target.LongestInput, mutant.Length - target.LongestInput);
            }
        }

        return [.. mutant.Bytes];
    }

    /// <summary>Whether it went a way that none went before.</summary>
    private bool Try(byte[] input)
    {
        exchange.Begin(input);
        Exception? found = Attempt.At(target, input);
        exchange.End();
        if (found is not null)
        {
            Note(input, found);
            return false;
        }

        if (!Coverage.AddTo(_known))
        {
            return false;
        }

        exchange.Edges = Coverage.Size - _known.AsSpan().Count((byte)0);
        return true;
    }

    private void Note(byte[] input, Exception found)
    {
        string signature = FuzzDefect.SignatureOf(found);
        if (!_signatures.Add(signature))
        {
            return;
        }

        byte[] shortest = Minimiser.Shorten(input, shorter =>
        {
            exchange.Begin(shorter);
            Exception? again = Attempt.At(target, shorter);
            exchange.End();
            return again is not null && FuzzDefect.SignatureOf(again) == signature;
        }, TriesToShorten);
        if (folder.KeepDefect(shortest, signature, found.ToString()))
        {
            exchange.Defects++;
        }
    }
}
