using System.Text;
using ProcFs.Fuzz.Engine;
using ProcFs.Fuzz.Mutation;
using ProcFs.Fuzz.Targets;

namespace ProcFs.Fuzz.Tests;

/// <summary>That defects are found, shortened and kept: with targets that have some.</summary>
public sealed class FuzzLoopTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-fuzz-tests-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_defect_is_found_shortened_and_kept_once()
    {
        FuzzFolder folder = new(_directory);
        using (Exchange exchange = Exchange.Create(folder.ExchangeFile))
        using (BrokenTarget target = new())
        {
            new FuzzLoop(target, folder, exchange).Run(Path.Combine(_directory, "nothing"), TimeSpan.FromMinutes(2), inputs: 5000);
            Assert.Equal(exchange.Begun, exchange.Ended);
            Assert.Equal(1, exchange.Defects);
        }

        string defect = Assert.Single(folder.Defects);
        Assert.Equal("9", File.ReadAllText(defect));
        Assert.StartsWith("there is no nine\n", File.ReadAllText(defect + ".txt"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_allocates_without_bound_is_a_defect()
    {
        using BrokenTarget target = new();
        Assert.Equal("an input does not make it allocate much", FuzzDefect.SignatureOf(Attempt.At(target, "give me memory"u8)!));
        Assert.Null(Attempt.At(target, "give me none"u8));
    }

    [Fact]
    public void The_same_seed_makes_the_same_input()
    {
        foreach (string name in FuzzTargets.Names)
        {
            using IFuzzTarget target = FuzzTargets.Make(name)!;
            byte[][] known = [.. target.Seeds()];
            Assert.Equal(FuzzLoop.Make(target, known, [], 42), FuzzLoop.Make(target, known, [], 42));
        }
    }

    [Fact]
    public void What_was_done_is_added_up_over_runs()
    {
        FuzzFolder folder = new(_directory) { Total = new FuzzTotal(61.5, 1000, 1001, 7, 3) };
        Assert.Equal(new FuzzTotal(61.5, 1000, 1001, 7, 3), folder.Total);
        File.WriteAllText(Path.Combine(_directory, "total"), "half");
        Assert.Equal(default, folder.Total);
    }

    [Fact]
    public void Files_of_an_input_are_taken_apart_as_they_were_put_together()
    {
        (string, byte[])[] files = [("v1/a", "x\n%% y"u8.ToArray()), ("b c", []), ("d", "\n"u8.ToArray())];
        // A text that has a mark in it makes one file more, nothing else.
        Assert.Equal(["v1/a", "y", "b c", "d"], Sections.Parse(Sections.Format(files)).Select(file => file.Path));
        Assert.Equal("\n"u8.ToArray(), Sections.Parse(Sections.Format(files))[^1].Text);
        Assert.Empty(Sections.Parse("no mark"u8));
    }

    [Fact]
    public void Requests_are_taken_apart_as_they_were_put_together()
    {
        byte[][] requests = [[1, 2, 3], [], [.. Enumerable.Repeat((byte)7, 300)]];
        Assert.Equal(requests, Requests.Parse(Requests.Format(requests)));
        Assert.Equal([1, 2, 3], Assert.Single(Requests.Parse([3, 0, 1, 2, 3, 9])));
    }

    private sealed class BrokenTarget : IFuzzTarget
    {
        private static byte[]? _kept;

        public IReadOnlyList<Change> Changes => TextChanges.All;

        public long MostAllocated => 1 << 20;

        public IEnumerable<byte[]> Seeds() => [Encoding.ASCII.GetBytes("all is well: 12345\n")];

        public void Try(ReadOnlySpan<byte> input)
        {
            FuzzDefect.Unless(!input.Contains((byte)'9'), "there is no nine", Encoding.Latin1.GetString(input));
            _kept = input.SequenceEqual("give me memory"u8) ? new byte[2 << 20] : _kept;
        }

        public void Dispose() => _kept = null;
    }
}
