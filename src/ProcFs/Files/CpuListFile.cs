using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// online, possible and present in /sys/devices/system/cpu: all the same list of virtual CPUs, 0 to n-1. docs/fields/cpu-sysfs.md.
/// </summary>
internal sealed class CpuListFile(string name) : IProcFile
{
    public string Path { get; } = "sys/devices/system/cpu/" + name;

    public Facts Facts => Facts.Cpus;

    public bool GoesByCpusAlone => true;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.SeesHostCpus;

    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        output.Write((byte)'0');
        if (snapshot.Cpus.Count > 1)
        {
            output.Write((byte)'-');
            output.Write(snapshot.Cpus.Count - 1);
        }

        output.Write((byte)'\n');
    }
}
