namespace ProcFs.Metrics;

/// <summary>Where the answer to a READ came from. The numbers are places in the stats file: none is ever given another meaning, there are at most eight.</summary>
internal enum ReadOutcome
{
    /// <summary>A slice of the text that this open file has.</summary>
    Kept = 0,

    /// <summary>Made now.</summary>
    Made = 1,

    /// <summary>Made a moment ago for another reader of the container, or in advance.</summary>
    Reused = 2,

    /// <summary>A text that goes by the visible CPUs alone, shared by all containers that have the same.</summary>
    Shared = 3,

    /// <summary>The host's own bytes: nothing limits the reader, or the file is switched off.</summary>
    Host = 4,

    /// <summary>Pages of a container's own file, for the kernel to keep.</summary>
    Pages = 5,

    /// <summary>An error that belongs to the file: it may not go into the page cache, the host has it switched off, or its CPU is gone.</summary>
    Refused = 6,
}
