namespace ProcFs.Tests.Support;

/// <summary>What the test's thread allocates.</summary>
internal static class Allocated
{
    private const int MostRounds = 5;

    /// <summary>Fails when an action that was done before allocates.</summary>
    /// <param name="round">Does what is measured many times. What it allocates shows in every round; what the runtime does once on this thread, under load, does not.</param>
    public static void AssertNone(Action round) => AssertNone(round, GC.GetAllocatedBytesForCurrentThread);

    /// <summary>Fails when another thread allocates by an action that was done before.</summary>
    /// <param name="round">As above.</param>
    /// <param name="bytes">How much that thread has allocated in its life.</param>
    public static void AssertNone(Action round, Func<long> bytes) => Assert.Contains(0, Enumerable.Range(0, MostRounds).Select(_ => OfOne(round, bytes)));

    private static long OfOne(Action round, Func<long> bytes)
    {
        long before = bytes();
        round();
        return bytes() - before;
    }
}
