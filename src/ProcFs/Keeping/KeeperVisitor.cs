namespace ProcFs.Keeping;

/// <summary>One connection to a keeper.</summary>
internal sealed class KeeperVisitor(int socket, int pid, long arrivedNs)
{
    public int Socket { get; } = socket;

    /// <summary>Of whoever connected, for the log.</summary>
    public int Pid { get; } = pid;

    /// <summary>When its last message came, or itself.</summary>
    public long SpokeNs { get; set; } = arrivedNs;

    /// <summary>The mount that it had kept: such a connection stays as long as its server.</summary>
    public string? RegisteredMount { get; set; }

    /// <summary>We still owe an answer.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Where the loop waits for it; inactive once the connection is closed.</summary>
    public PollLoop.Source? Source { get; set; }
}
