using System.Diagnostics;
using ProcFs.Children;
using ProcFs.Interop;

namespace ProcFs.Tests;

/// <summary>With this test program as the one that is started again: it does not know our verbs, and says so by its exit code.</summary>
[Collection(nameof(SupervisorTests))]
public sealed class ChildVerbTests
{
    [Fact]
    public void Its_end_is_seen_without_waiting_and_by_waiting()
    {
        using ChildVerb child = ChildVerb.Start(["--no-such-option"], out Errno error)!;
        Assert.Equal(Errno.None, error);
        Assert.True(child.WaitForEnd(TimeSpan.FromSeconds(30), out int? exitCode));
        Assert.NotEqual(0, exitCode);
        Assert.True(child.HasEnded(out int? again));
        Assert.Equal(exitCode, again);
    }

    [Fact]
    public void One_that_is_too_slow_is_not_waited_for_and_ended_in_the_end()
    {
        int before = Descriptors.Count();
        Stopwatch time = Stopwatch.StartNew();
        ChildVerb child = ChildVerb.Of(Libc.Spawn("/bin/sleep", ["sleep", "600"], [], []));
        Assert.False(child.WaitForEnd(TimeSpan.FromMilliseconds(1), out _));
        child.Kill();
        Assert.True(child.WaitForEnd(TimeSpan.FromSeconds(30), out int? exitCode));
        Assert.Equal(137, exitCode);
        child.Dispose();
        Descriptors.AssertCount(before);
        Assert.InRange(time.Elapsed.TotalSeconds, 0, 30);
    }
}
