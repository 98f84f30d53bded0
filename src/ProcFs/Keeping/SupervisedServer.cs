namespace ProcFs.Keeping;

/// <summary>The server that runs now, as its supervisor knows it.</summary>
internal sealed class SupervisedServer(int pid, long startedNs)
{
    public int Pid { get; } = pid;

    public long StartedNs { get; } = startedNs;

    /// <summary>Whether it has said READY=1.</summary>
    public bool IsReady { get; set; }

    /// <summary>When it said last that it is alive.</summary>
    public long AliveNs { get; set; } = startedNs;

    /// <summary>Whether it was sent SIGKILL.</summary>
    public bool IsKilled { get; set; }
}
