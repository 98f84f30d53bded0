namespace ProcFs.Tree;

/// <summary>Which directories there are in c/: the numbers of the registered containers. Asked by all workers at once.</summary>
internal interface IContainerNumbers
{
    /// <summary>Whether a container has this number and is not known to have ended.</summary>
    bool IsKnown(ulong number);

    /// <summary>The smallest number above this one that a container has; 0: there is none.</summary>
    ulong Next(ulong after);
}
