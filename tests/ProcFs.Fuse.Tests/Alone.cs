namespace ProcFs.Fuse.Tests;

/// <summary>
/// Tests that look at, or pass on, what the whole process has: locked memory, and descriptors that a child of another test would
/// inherit as well. They run when all others are done, one by one.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class Alone
{
    public const string Name = "alone";
}
