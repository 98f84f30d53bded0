using System.Diagnostics;
using ProcFs.Hook.Output;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Output;

/// <summary>What is told again, over processes that know nothing of each other but a file.</summary>
public sealed class RepeatGateTests : IDisposable
{
    private const long Start = 1_000_000;
    private const HookEvent Event = HookEvent.NoFiles;
    private readonly TemporaryDirectory _directory = new();

    private string File => _directory.At("told");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_left_out_is_counted_and_told_when_the_minute_is_over()
    {
        Assert.Equal((true, 0), Ask("container 3f1c gets no files: no process 17", Start));
        Assert.Equal((false, 0), Ask("container 77aa0 gets no files: no process 4711", Start + 1));
        Assert.Equal((false, 0), Ask("container 3f1c gets no files: no process 17", Start + RepeatGate.WindowMs - 1));
        Assert.Equal((true, 2), Ask("container 0c gets no files: no process 8", Start + RepeatGate.WindowMs));
        Assert.Equal((true, 0), Ask("container 0c gets no files: no process 8", Start + (2 * RepeatGate.WindowMs)));
    }

    [Fact]
    public void Another_event_other_words_and_another_name_are_told()
    {
        Assert.True(Ask("container web gets no files: a", Start).IsTold);
        Assert.True(Ask("container web gets no files: b", Start).IsTold);
        Assert.True(Ask("container db gets no files: a", Start).IsTold);
        Assert.True(Ask("container web gets no files: a", Start, HookEvent.NotDone).IsTold);
        Assert.True(Ask("container web gets no files:a", Start).IsTold);
        Assert.False(Ask("container web gets no files: a", Start).IsTold);
    }

    [Fact]
    public void The_file_never_grows_and_a_place_is_used_again_when_its_minute_is_over()
    {
        for (int i = 0; i < RepeatGate.Places; i++)
        {
            Assert.True(Ask(new string('x', i + 1), Start + i).IsTold);
        }

        long length = new FileInfo(File).Length;
        // All are in use: one more is of some kind that was told already.
        Assert.False(Ask("one more", Start + 100).IsTold);
        Assert.True(Ask("one more", Start + RepeatGate.WindowMs).IsTold);
        for (int i = 0; i < 1000; i++)
        {
            _ = Ask(new string('y', i + 1), Start + (i * RepeatGate.WindowMs));
        }

        Assert.Equal(length, new FileInfo(File).Length);
        Assert.InRange(length, 1, 4096);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public void Others_say_themselves_which_lines_are_alike_and_how_many_kinds_there_are()
    {
        const int most = 300;
        RepeatGate gate = new(File, most);
        Assert.All(Enumerable.Range(0, most), i => Assert.True(gate.Admits(RepeatGate.KeyOf($"container {i}"), Start, out _)));
        Assert.False(gate.Admits(RepeatGate.KeyOf("container 7"), Start + 1, out long leftOut));
        Assert.Equal(0, leftOut);
        Assert.True(gate.Admits(RepeatGate.KeyOf("container 7"), Start + RepeatGate.WindowMs, out leftOut));
        Assert.Equal(1, leftOut);
        Assert.Equal(most, Enumerable.Range(0, most).Select(i => RepeatGate.KeyOf($"container {i}")).Distinct().Count());
    }

    [Fact]
    public void A_time_to_come_is_of_another_boot()
    {
        Assert.True(Ask("x", Start).IsTold);
        Assert.True(Ask("x", Start - 1).IsTold);
    }

    [Fact]
    public void No_link_is_followed_and_nothing_else_than_a_file_is_used_and_then_all_is_told()
    {
        string victim = _directory.At("victim");
        System.IO.File.WriteAllText(victim, "mine");
        System.IO.File.CreateSymbolicLink(File, victim);
        AssertAllTold(File);
        Assert.Equal("mine", System.IO.File.ReadAllText(victim));
        AssertAllTold(_directory.At("no/such"));
        AssertAllTold(_directory.Path);

        string pipe = _directory.At("pipe");
        using Process made = Process.Start("mkfifo", pipe);
        Assert.True(made.WaitForExit(TimeSpan.FromSeconds(20)));
        AssertAllTold(pipe);

        static void AssertAllTold(string path) => Assert.All(Enumerable.Range(0, 3), time => Assert.True(new RepeatGate(path).Admits(Event, "x", Start + time, out _)));
    }

    [Fact]
    public void Whatever_is_in_the_file_breaks_nothing()
    {
        Random random = new(7);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[random.Next(4000)];
            random.NextBytes(bytes);
            System.IO.File.WriteAllBytes(File, bytes);
            (_, long leftOut) = Ask("x", Start);
            Assert.InRange(leftOut, 0, int.MaxValue);
        }
    }

    [Fact]
    public void It_costs_a_start_no_time_that_anybody_would_notice()
    {
        _ = Ask("x", Start);
        double best = Enumerable.Range(0, 200).Min(i =>
        {
            long start = Stopwatch.GetTimestamp();
            _ = Ask("container 3f1c gets no files: no process 17", Start + i);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        });
        Assert.InRange(best, 0, 0.3);
    }

    private (bool IsTold, long LeftOut) Ask(string line, long nowMs, HookEvent what = Event)
        => (new RepeatGate(File).Admits(what, line, nowMs, out long leftOut), leftOut);
}
