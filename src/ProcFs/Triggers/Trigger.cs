using ProcFs.Cgroups;
using ProcFs.Interop;

namespace ProcFs.Triggers;

/// <summary>A trigger that a program in a container has set. All but what never changes is used with the table's lock held.</summary>
internal sealed class Trigger(ulong handle, ulong nodeId, ulong writtenBy, TriggerRequest request, PressureResource resource, CgroupIdentity group)
{
    public ulong Handle { get; } = handle;

    public ulong NodeId { get; } = nodeId;

    /// <summary>The id of the WRITE.</summary>
    public ulong WrittenBy { get; } = writtenBy;

    public TriggerRequest Request { get; } = request;

    public PressureResource Resource { get; } = resource;

    /// <summary>Whose triggers it is counted with.</summary>
    public CgroupIdentity Group { get; } = group;

    /// <summary>The kernel has accepted it; until then it is only being set.</summary>
    public bool IsSet { get; set; }

    /// <summary>It was set by an earlier daemon.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>The kernel's file that it was written to; null: it never fires, or it is dead.</summary>
    public FileDescriptor? File { get; set; }

    /// <summary>Its cgroup has ended, or it cannot be set again: nothing more will come.</summary>
    public bool IsDead { get; set; }

    /// <summary>Something has happened that nobody was told of.</summary>
    public bool IsPending { get; set; }

    /// <summary>The id of the POLL that was told of the last event.</summary>
    public ulong ConsumedBy { get; set; }

    /// <summary>The kernel's name for the open file in polls; 0: nobody has polled it yet.</summary>
    public ulong PollHandle { get; set; }

    /// <summary>Its page in the file; -1: it is not kept.</summary>
    public int Page { get; set; } = -1;
}
