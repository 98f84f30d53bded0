using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>A file of /sys/devices/system/cpu that says something of the machine and its kernel, and is the host's for everybody. docs/fields/sysfs.md.</summary>
internal sealed class HostConstantFile(string name) : IProcFile
{
    public string Path { get; } = "sys/devices/system/cpu/" + name;

    public Facts Facts => Facts.None;

    public bool OnlyIfHostHas => true;

    public bool ShowsHost(ContainerSnapshot snapshot) => true;

    public void Render(ContainerSnapshot snapshot, TextBuffer output) => output.Write(snapshot.Host.Now(Path));
}
