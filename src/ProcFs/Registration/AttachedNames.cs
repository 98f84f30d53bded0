using ProcFs.Files;
using ProcFs.Hook.Attaching;

namespace ProcFs.Registration;

/// <summary>What of the served files is attached to containers: most one by one, those of /sys/devices/system/cpu with their directory.</summary>
/// <param name="Files">What a container gets unless it chooses, as "proc/meminfo".</param>
/// <param name="Parts">What it can choose instead of the directory that it is in.</param>
internal sealed record AttachedNames(IReadOnlyList<string> Files, IReadOnlyList<string> Parts)
{
    public static AttachedNames Of(IEnumerable<(ushort Number, IProcFile File)> served)
    {
        ILookup<bool, string> paths = served.Select(entry => entry.File.Path).ToLookup(CpuDirectory.Holds);
        return new AttachedNames([.. paths[false], .. paths[true].Any() ? [CpuDirectory.Name] : Array.Empty<string>()], [.. paths[true]]);
    }
}
