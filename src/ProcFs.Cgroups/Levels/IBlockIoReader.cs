namespace ProcFs.Cgroups;

/// <summary>Block device counters in one cgroup directory.</summary>
internal interface IBlockIoReader
{
    /// <summary>Fills the list with the devices used. False where there are no such files.</summary>
    bool TryRead(ReusedList<BlockIoDevice> devices);
}
