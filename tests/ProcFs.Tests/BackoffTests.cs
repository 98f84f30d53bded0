using ProcFs.Keeping;

namespace ProcFs.Tests;

public sealed class BackoffTests
{
    [Fact]
    public void Each_bad_life_doubles_the_rest_and_a_good_one_ends_it()
    {
        Backoff backoff = new();
        int[] rests = [.. Enumerable.Range(0, 12).Select(_ => (int)backoff.After(isGood: false).TotalMilliseconds)];
        Assert.Equal([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000, 5000], rests);
        Assert.Equal(TimeSpan.Zero, backoff.After(isGood: true));
        Assert.Equal(TimeSpan.Zero, backoff.After(isGood: true));
        Assert.Equal(10, backoff.After(isGood: false).TotalMilliseconds);
        Assert.Equal(20, backoff.After(isGood: false).TotalMilliseconds);
    }
}
