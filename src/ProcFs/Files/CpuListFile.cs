using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// online, possible, present and (since Linux 6.10) enabled in /sys/devices/system/cpu: all the same list of virtual CPUs, 0 to n-1. docs/fields/sysfs.md.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="onlyIfHostHas">Not all kernels have it.</param>
internal sealed class CpuListFile(string name, bool onlyIfHostHas = false) : IProcFile
{
    public string Path { get; } = "sys/devices/system/cpu/" + name;

    public Facts Facts => Facts.Cpus;

    public bool OnlyIfHostHas { get; } = onlyIfHostHas;

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
