using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Host;
using ProcFs.Text;

namespace ProcFs.Tree;

/// <summary>
/// The CPUs that a container or caller sees at one moment, as directories: which there are, and what of the host's lies behind each. The default: none.
/// </summary>
internal readonly struct SeenCpus
{
    private readonly CpuView? _cpus;
    private readonly HostCpus? _host;
    private readonly CpuSet? _hosts; // all of them, by the host's numbers, where the host's own view is shown

    private SeenCpus(CpuView cpus, HostCpus host, CpuSet? hosts)
    {
        _cpus = cpus;
        _host = host;
        _hosts = hosts;
    }

    /// <summary>A container's, as it numbers them: the host's directories are those of the CPUs behind.</summary>
    public static SeenCpus OfContainer(CpuView cpus, HostCpus host) => new(cpus, host, null);

    /// <summary>The host's own, by its own numbers, those that are offline among them.</summary>
    public static SeenCpus OfHost(CpuView cpus, HostCpus host)
        => new(cpus, host, host.Present() is { Count: > 0 } present ? present : cpus.Available);

    public bool Sees(int cpu) => HostNumber(cpu) >= 0;

    /// <summary>The smallest visible number that is not smaller than this one; -1: there is none.</summary>
    public int Next(int from)
    {
        if (_cpus is null || (_hosts is null && !_cpus.HasHostNumbers))
        {
            return from < (_cpus?.Count ?? 0) ? from : -1;
        }

        ReadOnlySpan<int> numbers = _hosts is null ? _cpus.Available.Cpus[.._cpus.Count] : _hosts.Cpus;
        int index = numbers.BinarySearch(from);
        index = index < 0 ? ~index : index;
        return index < numbers.Length ? numbers[index] : -1;
    }

    /// <summary>Whether a CPU has a file or directory: what the host lacks it has not, nor CPU 0 a file "online".</summary>
    public bool Has(int cpu, TreeNode node)
    {
        int hostCpu = HostNumber(cpu);
        return hostCpu >= 0 && (node.HostPath.Length == 0
            || (node.CpuFile?.Text == CpuText.Online && _hosts is null ? cpu > 0 : _host!.Has(hostCpu, node.HostPath)));
    }

    /// <summary>Appends the text of a CPU's file. False: the CPU is not seen, or has no such file, and nothing was appended.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cpu">The CPU.</param>
    /// <param name="scratch">For the host's text; it grows as needed.</param>
    /// <param name="output">Where to.</param>
    public bool TryRender(CpuFile file, int cpu, ref byte[] scratch, TextBuffer output)
    {
        int hostCpu = HostNumber(cpu);
        bool isMade = file.Text == CpuText.Online && _hosts is null;
        if (hostCpu < 0 || (isMade && cpu == 0))
        {
            return false;
        }

        int length = isMade ? 0 : _host!.Read(hostCpu, file.HostPath, ref scratch);
        if (length < 0)
        {
            return false;
        }

        if (_hosts is null)
        {
            file.Render(scratch.AsSpan(0, length), _cpus!, cpu, output);
        }
        else
        {
            output.Write(scratch.AsSpan(0, length));
        }

        return true;
    }

    /// <summary>The host's number of a visible CPU; -1 when it is not seen.</summary>
    private int HostNumber(int cpu)
    {
        if (_hosts is not null)
        {
            return _hosts.Contains(cpu) ? cpu : -1;
        }

        int index = _cpus?.IndexOf(cpu) ?? -1;
        return index >= 0 ? _cpus!.Available[index] : -1;
    }
}
