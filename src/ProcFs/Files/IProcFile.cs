using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// A served file. One instance serves every container: all it needs, history included, is in the snapshot, so rendering is a
/// pure function. What each line means: docs/fields/.
/// </summary>
internal interface IProcFile
{
    /// <summary>Below the mount point, and below "/" in a container: "proc/meminfo".</summary>
    string Path { get; }

    /// <summary>What must be known to decide and to render.</summary>
    Facts Facts { get; }

    /// <summary>The host's own text is the right answer: for a host process that no limit of this file concerns, or in the hierarchy's root cgroup.</summary>
    bool ShowsHost(ContainerSnapshot snapshot);

    /// <summary>A host that has no such file serves none: it is in no tree, no list and no container.</summary>
    bool OnlyIfHostHas => false;

    /// <summary>Mode 0400, as the kernel's: what only root may read. Otherwise everybody may.</summary>
    bool OnlyForRoot => false;

    /// <summary>What a trigger that is written to it watches; null: it is not written to. docs/fields/pressure.md.</summary>
    PressureResource? TriggersOn => null;

    /// <summary>For the same visible CPUs the text is the same, until CPUs of the host come or go.</summary>
    bool GoesByCpusAlone => false;

    void Render(ContainerSnapshot snapshot, TextBuffer output);
}
