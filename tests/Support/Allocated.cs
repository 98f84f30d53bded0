namespace ProcFs.Tests.Support;

/// <summary>What the test's thread allocates.</summary>
internal static class Allocated
{
    private const int Rounds = 5;

    /// <summary>A list that grows by one at each request, and doubles, shows in three.</summary>
    private const int MostWithSome = 2;

    /// <summary>Fails when an action that was done before allocates.</summary>
    /// <param name="round">Does what is measured many times. What it allocates shows in all rounds, or most; what the runtime does once on this thread, under load, does not.</param>
    public static void AssertNone(Action round) => AssertNone(round, GC.GetAllocatedBytesForCurrentThread);

    /// <summary>Fails when another thread allocates by an action that was done before.</summary>
    /// <param name="round">As above.</param>
    /// <param name="bytes">How much that thread has allocated in its life.</param>
    public static void AssertNone(Action round, Func<long> bytes)
    {
        long[] all = [.. Enumerable.Range(0, Rounds).Select(_ => OfOne(round, bytes))];
        Assert.True(all.Count(allocated => allocated != 0) <= MostWithSome, $"bytes in each round: {string.Join(' ', all)}");
    }

    private static long OfOne(Action round, Func<long> bytes)
    {
        long before = bytes();
        round();
        return bytes() - before;
    }
}
