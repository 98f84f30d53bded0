namespace ProcFs.Keeping;

/// <summary>One mount's device and journal, as whoever keeps them sees it.</summary>
internal interface IKeptConnection : IDisposable
{
    /// <summary>The canonical path it is mounted at, as the journal has it.</summary>
    string Mount { get; }

    /// <summary>The journal's inode: the same number, the same journal.</summary>
    ulong Inode { get; }

    /// <summary>The open /dev/fuse.</summary>
    int Device { get; }

    /// <summary>The memory with the requests in hand.</summary>
    int Journal { get; }

    /// <summary>Whether it was ever mounted: there may be files of it in use.</summary>
    bool WasMounted { get; }

    /// <summary>Whether it was mounted once and its connection is dead: unmounted, or aborted. Nobody can use it any more.</summary>
    bool HasEnded { get; }

    /// <summary>When the server said last that it is alive, in ns of CLOCK_MONOTONIC.</summary>
    long HeartbeatNs { get; }

    /// <summary>Whether another process holds the journal's lock: the server. Pid 0: one that cannot be seen from here.</summary>
    bool IsServed(out int pid);

    /// <summary>
    /// Answers everything that waits, what an ended server had in hand and what is queued, with EIO; holds the journal's lock meanwhile.
    /// </summary>
    /// <returns>How many were answered; -1 when somebody serves after all: then nothing was touched.</returns>
    int Release();
}

/// <summary>Makes one from received descriptors, which it then owns; null and why not in one phrase, then they stay the caller's.</summary>
internal delegate IKeptConnection? KeptConnectionFactory(int device, int journal, out string? defect);
