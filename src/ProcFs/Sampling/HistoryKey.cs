using System.Runtime.InteropServices;
using System.Text;
using ProcFs.Cgroups;
using ProcFs.Containers;

namespace ProcFs.Sampling;

/// <summary>What makes a container the same one to the next daemon: what <see cref="ContainerTable"/> knows it by, in numbers alone.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HistoryKey(ulong Device, ulong Inode, ulong PathsLow, ulong PathsHigh, long InitStartNs, long InitPid)
{
    /// <summary>That of all callers nobody knows.</summary>
    public static HistoryKey Unknown { get; } = new(0, 0, 0, 0, -1, -1);

    public static HistoryKey Of(CgroupIdentity? identity, CgroupPaths paths, InitProcess? init)
    {
        (ulong low, ulong high) = (0, 0);
        foreach (CgroupHierarchy hierarchy in paths.Layout.Hierarchies)
        {
            if (paths[hierarchy] is { } path)
            {
                // A sum: the same, in whatever order the hierarchies were mounted.
                byte[] text = Encoding.UTF8.GetBytes($"{hierarchy.Name}:{path}");
                low += Hash(text, 0x243F_6A88_85A3_08D3);
                high += Hash(text, 0x1319_8A2E_0370_7344);
            }
        }

        // An inode is never 0.
        return new HistoryKey(identity?.Device ?? 0, identity?.Inode ?? 0, low, high, init?.StartNs ?? -1, init?.Pid ?? 0);
    }

    // Not String.GetHashCode, which is another one in each process. Not proof against intent either: the rest of the key is the kernel's.
    private static ulong Hash(ReadOnlySpan<byte> text, ulong seed)
    {
        ulong hash = seed;
        foreach (byte character in text)
        {
            hash = HistoryChecksum.Mix(hash, character);
        }

        return HistoryChecksum.Mix(hash, (ulong)text.Length);
    }
}
