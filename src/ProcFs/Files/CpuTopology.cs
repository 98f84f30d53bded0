using ProcFs.Containers;

namespace ProcFs.Files;

/// <summary>
/// Which of the visible CPUs share a package and a core, so that "siblings" and "cpu cores" fit the CPUs that are shown.
/// Works on memory given to it: package, core, and "first of its core" of each visible CPU.
/// </summary>
internal readonly ref struct CpuTopology
{
    public const int NotVisible = -1;
    public const int ScratchPerCpu = 3;

    private readonly CpuView _cpus;
    private readonly Span<int> _packages;
    private readonly Span<int> _cores;
    private readonly Span<int> _firstOfCore;

    public CpuTopology(CpuView cpus, Span<int> scratch)
    {
        _cpus = cpus;
        _packages = scratch[..cpus.Count];
        _cores = scratch.Slice(cpus.Count, cpus.Count);
        _firstOfCore = scratch.Slice(2 * cpus.Count, cpus.Count);
        _packages.Fill(-1);
        _cores.Fill(-1);
    }

    /// <summary>The container's number of a host CPU, or <see cref="NotVisible"/>.</summary>
    public int VirtualNumber(int hostCpu)
    {
        int index = _cpus.Available.Cpus[.._cpus.Count].BinarySearch(hostCpu);
        return index >= 0 ? index : NotVisible;
    }

    public void SetPackage(int cpu, int package) => _packages[cpu] = package;

    public void SetCore(int cpu, int core) => _cores[cpu] = core;

    /// <summary>To be called once when packages and cores are set. CPUs that share a core need not be neighbours.</summary>
    public void Complete()
    {
        for (int cpu = 0; cpu < _packages.Length; cpu++)
        {
            int first = 0;
            while (_packages[first] != _packages[cpu] || _cores[first] != _cores[cpu])
            {
                first++;
            }

            _firstOfCore[cpu] = first == cpu ? 1 : 0;
        }
    }

    /// <summary>Visible CPUs in the same package, this one included.</summary>
    public int Siblings(int cpu)
    {
        int count = 0;
        foreach (int package in _packages)
        {
            count += package == _packages[cpu] ? 1 : 0;
        }

        return count;
    }

    /// <summary>Different cores among them.</summary>
    public int Cores(int cpu)
    {
        int count = 0;
        for (int i = 0; i < _packages.Length; i++)
        {
            count += _packages[i] == _packages[cpu] ? _firstOfCore[i] : 0;
        }

        return count;
    }
}
