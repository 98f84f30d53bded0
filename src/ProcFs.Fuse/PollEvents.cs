using System.Diagnostics.CodeAnalysis;

namespace ProcFs.Fuse;

/// <summary>EPOLL* of the kernel: what an open file is ready for.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711", Justification = "These are the events of poll(2).")]
public enum PollEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>EPOLLIN: it can be read.</summary>
    In = 0x1,

    /// <summary>EPOLLPRI: something out of the ordinary has happened.</summary>
    Priority = 0x2,

    /// <summary>EPOLLOUT: it can be written.</summary>
    Out = 0x4,

    /// <summary>EPOLLERR.</summary>
    Error = 0x8,

    /// <summary>EPOLLRDNORM.</summary>
    ReadNormal = 0x40,

    /// <summary>EPOLLWRNORM.</summary>
    WriteNormal = 0x100,

    /// <summary>The kernel's DEFAULT_POLLMASK: what is said of a file that has nothing to say.</summary>
    Default = In | Out | ReadNormal | WriteNormal,
}
