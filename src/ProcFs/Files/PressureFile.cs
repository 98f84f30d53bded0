using System.Buffers;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Text;

namespace ProcFs.Files;

/// <summary>
/// /proc/pressure/cpu and its siblings: the text of the container's own v2 cgroup as it is. A container that has none never waits for
/// anything, as far as anybody knows: the host's lines with zeros. docs/fields/pressure.md.
/// </summary>
internal sealed class PressureFile(string name, PressureResource resource) : IProcFile
{
    private static readonly SearchValues<byte> NumberCharacters = SearchValues.Create("0123456789."u8);

    public string Path { get; } = "proc/pressure/" + name;

    public Facts Facts { get; } = resource switch
    {
        PressureResource.Cpu => Facts.PressureCpu,
        PressureResource.Io => Facts.PressureIo,
        PressureResource.Memory => Facts.PressureMemory,
        _ => Facts.PressureIrq,
    };

    public bool OnlyIfHostHas => true;

    public PressureResource? TriggersOn => resource;

    public bool ShowsHost(ContainerSnapshot snapshot) => snapshot.IsHostProcess;

    public void Render(ContainerSnapshot snapshot, TextBuffer output)
    {
        if (snapshot.Resources.PressureScope == ControllerScope.Container)
        {
            output.Write(snapshot.Resources.Pressure);
        }
        else
        {
            WriteZeros(snapshot.Host.Now(Path), output);
        }
    }

    /// <summary>Every "name=number" with as many decimals of nothing; all else as it is.</summary>
    private static void WriteZeros(ReadOnlySpan<byte> host, TextBuffer output)
    {
        while (host.IndexOf((byte)'=') is var equals and >= 0)
        {
            output.Write(host[..(equals + 1)]);
            host = host[(equals + 1)..];
            int length = host.IndexOfAnyExcept(NumberCharacters);
            ReadOnlySpan<byte> number = length < 0 ? host : host[..length];
            output.Write(number.Contains((byte)'.') ? "0.00"u8 : "0"u8);
            host = host[number.Length..];
        }

        output.Write(host);
    }
}
