namespace ProcFs.Cgroups;

/// <summary>
/// What a cgroup and its descendants did with one block device. Always a whole disk (or dm, md…), never a partition.
/// Merges and times are zero except under v1 schedulers that count them.
/// </summary>
public record struct BlockIoDevice
{
    /// <summary>Major device number.</summary>
    public int Major { get; set; }

    /// <summary>Minor device number.</summary>
    public int Minor { get; set; }

    /// <summary>Bytes read.</summary>
    public long ReadBytes { get; set; }

    /// <summary>Bytes written.</summary>
    public long WriteBytes { get; set; }

    /// <summary>Bytes discarded.</summary>
    public long DiscardBytes { get; set; }

    /// <summary>Number of reads.</summary>
    public long Reads { get; set; }

    /// <summary>Number of writes.</summary>
    public long Writes { get; set; }

    /// <summary>Number of discards.</summary>
    public long Discards { get; set; }

    /// <summary>Reads merged into others.</summary>
    public long ReadsMerged { get; set; }

    /// <summary>Writes merged into others.</summary>
    public long WritesMerged { get; set; }

    /// <summary>Discards merged into others.</summary>
    public long DiscardsMerged { get; set; }

    /// <summary>Nanoseconds that reads took, waiting included.</summary>
    public long ReadTimeNs { get; set; }

    /// <summary>Nanoseconds that writes took, waiting included.</summary>
    public long WriteTimeNs { get; set; }

    /// <summary>Nanoseconds that discards took, waiting included.</summary>
    public long DiscardTimeNs { get; set; }

    /// <summary>Nanoseconds the device was busy with all of these, without waiting.</summary>
    public long ServiceTimeNs { get; set; }
}
