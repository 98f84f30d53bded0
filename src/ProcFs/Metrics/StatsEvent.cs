namespace ProcFs.Metrics;

/// <summary>What is counted by a single number. The numbers are places in the stats file: none is ever given another meaning, there are at most 64.</summary>
internal enum StatsEvent
{
    /// <summary>A text was made between open and read, while its reader was on its way.</summary>
    MadeAhead = 0,

    /// <summary>An open after which the kernel goes on with the pages it has.</summary>
    PagesKept = 1,

    /// <summary>An open after which the kernel asks for pages anew.</summary>
    PagesDropped = 2,

    /// <summary>A text begun of a common file, for the container of whoever reads.</summary>
    CommonText = 3,

    /// <summary>A text begun of a container's own file.</summary>
    OwnText = 4,

    /// <summary>A reader in another pid namespace than ours, of which nothing can be known.</summary>
    CallerInvisible = 5,

    /// <summary>A reader that could not be looked at: it was gone.</summary>
    CallerGone = 6,

    /// <summary>A container's cgroup was gone in the midst of a read; it was looked for once more.</summary>
    CgroupVanished = 7,

    /// <summary>A cgroup file with a text that makes no sense; each once.</summary>
    CgroupUnreadable = 8,

    /// <summary>No descriptor was left to look at a process, and some were closed.</summary>
    OutOfDescriptors = 9,

    /// <summary>A file of a container whose number is not known was served as a common one.</summary>
    NumberUnknown = 10,

    /// <summary>A file of a container that has ended was served as a common one.</summary>
    ContainerEnded = 11,

    /// <summary>A READ of an open file that has no place in the table: its text was made for this one READ.</summary>
    OpenFileUnknown = 12,

    /// <summary>A container was registered, or once more.</summary>
    Registered = 13,

    /// <summary>A registration was refused.</summary>
    NotRegistered = 14,

    /// <summary>A registered container has ended.</summary>
    Ended = 15,

    /// <summary>A hook or <c>procfs attach</c> said that a container has its files.</summary>
    Confirmed = 16,

    /// <summary>A container was registered and its files were not confirmed in time: an attach was started.</summary>
    Overdue = 17,

    /// <summary><c>procfs attach</c> has changed something in a container.</summary>
    Attached = 18,

    /// <summary><c>procfs attach</c> has failed in a container.</summary>
    NotAttached = 19,

    /// <summary><c>procfs attach</c> found nothing to do in a container.</summary>
    AttachSkipped = 20,

    /// <summary>A daemon has begun to serve.</summary>
    Started = 21,

    /// <summary>It carried on with the connection of a predecessor.</summary>
    TakenOver = 22,

    /// <summary>Requests that a daemon answered for its predecessor.</summary>
    AnsweredForPredecessor = 23,

    /// <summary>The kernel was asked to send everything again that was not answered.</summary>
    Resent = 24,

    /// <summary>A request was given up, as no daemon had survived it.</summary>
    Poisoned = 25,

    /// <summary>A request was in a worker's hands for so long that the daemon counted as stuck.</summary>
    Stalled = 26,

    /// <summary>The kernel waited for an answer while all workers were idle.</summary>
    Lost = 27,

    /// <summary>The connection was ended by somebody else.</summary>
    ConnectionEnded = 28,
}
