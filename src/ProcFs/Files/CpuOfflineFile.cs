using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>/sys/devices/system/cpu/offline: a container has no CPU that is offline. docs/fields/cpu-sysfs.md.</summary>
internal sealed class CpuOfflineFile : IProcFile
{
    public string Path => "sys/devices/system/cpu/offline";

    public Facts Facts => Facts.Cpus;

    public bool GoesByCpusAlone => true;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.SeesHostCpus;

    public void Render(ContainerSnapshot snapshot, TextBuffer output) => output.Write((byte)'\n');
}
