using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// offline, isolated and nohz_full in /sys/devices/system/cpu: no CPU of a container is any of these. docs/fields/sysfs.md.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="onlyIfHostHas">Not all kernels have it.</param>
internal sealed class NoCpusFile(string name, bool onlyIfHostHas = false) : IProcFile
{
    public string Path { get; } = "sys/devices/system/cpu/" + name;

    public Facts Facts => Facts.Cpus;

    public bool OnlyIfHostHas { get; } = onlyIfHostHas;

    public bool GoesByCpusAlone => true;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.SeesHostCpus;

    public void Render(ContainerSnapshot snapshot, TextBuffer output) => output.Write((byte)'\n');
}
