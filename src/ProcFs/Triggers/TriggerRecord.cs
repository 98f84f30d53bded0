using System.Runtime.InteropServices;

namespace ProcFs.Triggers;

/// <summary>What the next daemon must know of a trigger; the path of its cgroup lies behind it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TriggerRecord
{
    /// <summary>Of the open file that it was written to; 0: the record is free. Written last.</summary>
    public ulong Handle;
    public ulong NodeId;

    /// <summary>The id of the WRITE.</summary>
    public ulong WrittenBy;

    /// <summary>The kernel's name for the open file in polls; 0: nobody has polled it yet.</summary>
    public ulong PollHandle;

    /// <summary>The id of the POLL that was told of the last event.</summary>
    public ulong ConsumedBy;

    /// <summary>The cgroup that it is counted for, as stat(2) names it.</summary>
    public ulong GroupDevice;
    public ulong GroupInode;

    /// <summary>The cgroup that it watches.</summary>
    public ulong CgroupDevice;
    public ulong CgroupInode;

    /// <summary>The time lost when it was set, or at the last event, in µs; negative: not known.</summary>
    public long TotalUs;
    public int ThresholdUs;
    public int WindowUs;

    /// <summary>0 or 1.</summary>
    public byte IsFull;

    /// <summary>A PressureResource.</summary>
    public byte Resource;

    /// <summary>A <see cref="TriggerPlaceKind"/>.</summary>
    public byte Place;

    /// <summary>0 or 1: something has happened that nobody was told of.</summary>
    public byte IsPending;
    public int PathLength;
}
