using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// online, possible, present and (since Linux 6.10) enabled in /sys/devices/system/cpu: all the same list of visible CPUs, 0 to n-1 unless they keep the host's
/// numbers. docs/fields/sysfs.md.
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
        CpuView cpus = snapshot.Cpus;
        for (int start = 0, end; start < cpus.Count; start = end + 1)
        {
            end = start;
            while (end + 1 < cpus.Count && cpus.NumberOf(end + 1) == cpus.NumberOf(end) + 1)
            {
                end++;
            }

            output.Write(start == 0 ? default : ","u8);
            output.Write(cpus.NumberOf(start));
            if (end > start)
            {
                output.Write((byte)'-');
                output.Write(cpus.NumberOf(end));
            }
        }

        output.Write((byte)'\n');
    }
}
