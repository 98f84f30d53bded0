using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Targets;

namespace ProcFs.Fuzz.Tests;

/// <summary>What fuzzing found once, and inputs that go all ways it knows: docs/fuzzing.md.</summary>
public sealed class FuzzCorpusTests
{
    private const long MostBytes = 2 << 20;

    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_of_the_corpus_does_what_must_not_be(string name)
    {
        using IFuzzTarget target = FuzzTargets.Make(name)!;
        string[] files = Directory.GetFiles(FuzzTargets.CorpusOf(name));
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            Exception? found = Attempt.At(target, File.ReadAllBytes(file));
            Assert.True(found is null, $"{file}: {found}");
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_input_that_a_target_begins_with_does(string name)
    {
        using IFuzzTarget target = FuzzTargets.Make(name)!;
        byte[][] seeds = [.. target.Seeds()];
        Assert.NotEmpty(seeds);
        foreach (byte[] seed in seeds)
        {
            Exception? found = Attempt.At(target, seed);
            Assert.True(found is null, $"'{System.Text.Encoding.Latin1.GetString(seed)}': {found}");
        }
    }

    /// <summary>The way an input goes must not depend on those before: what is found could not be found again.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public void A_few_hundred_new_inputs_do_not_either(string name)
    {
        using IFuzzTarget target = FuzzTargets.Make(name)!;
        byte[][] known = [.. target.Seeds(), .. FuzzFolder.Read(FuzzTargets.CorpusOf(name))];
        for (int seed = 1; seed <= 300; seed++)
        {
            byte[] input = FuzzLoop.Make(target, known, [], seed);
            Exception? found = Attempt.At(target, input);
            Assert.True(found is null, $"seed {seed}: {found}");
        }
    }

    [Fact]
    public void The_corpus_is_small()
        => Assert.InRange(FuzzTargets.Names.SelectMany(name => Directory.EnumerateFiles(FuzzTargets.CorpusOf(name))).Sum(file => new FileInfo(file).Length), 1, MostBytes);
}
