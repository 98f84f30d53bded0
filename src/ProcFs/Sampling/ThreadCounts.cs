namespace ProcFs.Sampling;

/// <summary>The threads of a container at one moment.</summary>
/// <param name="Running">Threads in state R.</param>
/// <param name="Blocked">Threads in state D.</param>
/// <param name="Threads">All threads.</param>
/// <param name="HighestPid">The highest number seen so far in the container's own pid namespace; never falls.</param>
internal readonly record struct ThreadCounts(int Running, int Blocked, int Threads, int HighestPid);
