namespace ProcFs.Files;

/// <summary>How the text of a file below /sys/devices/system/cpu comes about. Where the host's own view is shown, all are as the host has them.</summary>
internal enum CpuText
{
    /// <summary>The host's, word for word: a constant of the machine, or of the CPU behind the visible one.</summary>
    AsHost,

    /// <summary>A list of CPUs (<c>0,2-3</c>), in the container's numbers and without those it does not see.</summary>
    List,

    /// <summary>The same as a bitmap, as long as the container has CPUs.</summary>
    Mask,

    /// <summary>The same with blanks between.</summary>
    Numbers,

    /// <summary>That the CPU is online: 1. CPU 0 has no such file, as nobody can take it off.</summary>
    Online,

    /// <summary>Nothing.</summary>
    Empty,
}
