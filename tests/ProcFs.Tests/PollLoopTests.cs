using System.Diagnostics;
using ProcFs.Interop;
using ProcFs.Keeping;

namespace ProcFs.Tests;

public sealed class PollLoopTests
{
    /// <summary>A file is always readable.</summary>
    [Fact]
    public void A_source_that_rests_is_not_looked_at_and_wakes_the_loop_when_it_has()
    {
        PollLoop loop = new();
        int file = Descriptors.File("x");
        int calls = 0;
        PollLoop.Source source = loop.Add(file, Libc.POLLIN, _ => calls++);
        loop.Wait(TimeSpan.FromSeconds(30));
        Assert.Equal(1, calls);

        source.Rest(TimeSpan.FromHours(1));
        loop.Wait(TimeSpan.Zero);
        Assert.Equal(1, calls);
        Stopwatch time = Stopwatch.StartNew();
        source.Rest(TimeSpan.FromMilliseconds(150));
        while (calls == 1)
        {
            loop.Wait(TimeSpan.FromSeconds(30));
        }

        Assert.InRange(time.Elapsed.TotalSeconds, 0.15, 20);
        source.Remove();
        Assert.Equal(0, Libc.Close(file));
    }

    [Fact]
    public void Others_are_served_meanwhile()
    {
        PollLoop loop = new();
        int file = Descriptors.File("x");
        int calls = 0;
        PollLoop.Source resting = loop.Add(file, Libc.POLLIN, _ => Assert.Fail("it rests"));
        resting.Rest(TimeSpan.FromHours(1));
        PollLoop.Source other = loop.Add(file, Libc.POLLIN, events =>
        {
            Assert.Equal(Libc.POLLIN, events);
            calls++;
        });
        loop.Wait(TimeSpan.FromSeconds(30));
        Assert.Equal(1, calls);
        resting.Remove();
        other.Remove();
        Assert.Equal(0, Libc.Close(file));
    }
}
