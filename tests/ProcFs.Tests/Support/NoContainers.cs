using ProcFs.Tree;

namespace ProcFs.Tests.Support;

/// <summary>For a tree without registered containers.</summary>
internal sealed class NoContainers : IContainerNumbers
{
    public static NoContainers Instance { get; } = new();

    public bool IsKnown(ulong number) => false;

    public ulong Next(ulong after) => 0;
}
