using System.Globalization;
using ProcFs.Cgroups;
using ProcFs.Interop;

namespace ProcFs.Trial;

/// <summary>
/// The throw-away cgroup of <c>procfs run</c>: one directory of the same name in each hierarchy that a served file reads.
/// </summary>
internal sealed class TrialCgroup : IDisposable
{
    private const int RemovalAttempts = 100;

    private static readonly Controller[] Controllers = [Controller.Memory, Controller.Cpu, Controller.CpuAcct, Controller.CpuSet, Controller.BlockIo];

    private const string Prefix = "procfs-run-";

    private readonly List<string> _directories = [];

    private TrialCgroup(string name) => Name = name;

    /// <summary>Below the root of each hierarchy.</summary>
    public string Name { get; }

    /// <summary>The files a process writes "0" into to enter.</summary>
    public IEnumerable<string> Entrances => _directories.Select(directory => Path.Combine(directory, "cgroup.procs"));

    /// <exception cref="Failure">The kernel refused a cgroup or a limit.</exception>
    public static TrialCgroup Create(CgroupLayout layout, TrialLimits limits)
    {
        RemoveLeftovers(layout);
        TrialCgroup cgroup = new(Prefix + Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        try
        {
            foreach (CgroupHierarchy hierarchy in Controllers.Select(layout.HierarchyOf).OfType<CgroupHierarchy>().Distinct())
            {
                cgroup.Make(hierarchy);
            }

            cgroup.SetMemory(layout, limits.MemoryBytes);
            cgroup.SetQuota(layout, limits.QuotaUsec);
            cgroup.SetCpus(layout, limits.Cpus);
            return cgroup;
        }
        catch
        {
            cgroup.Dispose();
            throw;
        }
    }

    /// <summary>Removes the directories; the last processes in them may take a moment to be gone.</summary>
    public void Dispose()
    {
        foreach (string directory in _directories)
        {
            for (int attempt = 0; attempt < RemovalAttempts; attempt++)
            {
                try
                {
                    Directory.Delete(directory);
                    break;
                }
                catch (DirectoryNotFoundException)
                {
                    break;
                }
                catch (IOException)
                {
                    Thread.Sleep(10);
                }
            }
        }
    }

    /// <summary>Of runs that were killed: their names hold a pid that is nobody's. One that still has processes stays.</summary>
    private static void RemoveLeftovers(CgroupLayout layout)
    {
        foreach (string directory in layout.Hierarchies.SelectMany(hierarchy => Directory.EnumerateDirectories(hierarchy.MountPoint, Prefix + "*")))
        {
            if (int.TryParse(Path.GetFileName(directory)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && Libc.Kill(pid, 0) == -(int)Errno.ESRCH)
            {
                try
                {
                    Directory.Delete(directory);
                }
                catch (IOException)
                {
                    // Not empty, or gone already: not ours to force.
                }
            }
        }
    }

    private void Make(CgroupHierarchy hierarchy)
    {
        string directory = Path.Combine(hierarchy.MountPoint, Name);
        if (hierarchy.Version == CgroupVersion.V2)
        {
            Enable(hierarchy.MountPoint);
        }

        Attempt($"make the cgroup {directory}", () => Directory.CreateDirectory(directory));
        _directories.Add(directory);
        // A v1 cpuset takes no process before it has CPUs and memory nodes.
        foreach (string name in new[] { "cpuset.cpus", "cpuset.mems" })
        {
            string inherited = Path.Combine(hierarchy.MountPoint, name);
            if (hierarchy.Version == CgroupVersion.V1 && File.Exists(inherited))
            {
                Write(Path.Combine(directory, name), File.ReadAllText(inherited).Trim());
            }
        }
    }

    /// <summary>Controllers work below the root only where it passes them on. Those that it already does stay as they are.</summary>
    private static void Enable(string root)
    {
        string control = Path.Combine(root, "cgroup.subtree_control");
        string[] available = Words(Path.Combine(root, "cgroup.controllers"));
        string[] enabled = Words(control);
        foreach (string controller in new[] { "memory", "cpu", "cpuset", "io" })
        {
            if (available.Contains(controller) && !enabled.Contains(controller))
            {
                Write(control, "+" + controller);
            }
        }
    }

    private static string[] Words(string file)
    {
        string text = "";
        Attempt($"read {file}", () => text = File.ReadAllText(file));
        return text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private void SetMemory(CgroupLayout layout, long? bytes)
    {
        if (bytes is { } limit)
        {
            CgroupHierarchy hierarchy = Require(layout, Controller.Memory, "--memory");
            Write(FileOf(hierarchy, "memory.max", "memory.limit_in_bytes"), limit.ToString(CultureInfo.InvariantCulture));
        }
    }

    private void SetQuota(CgroupLayout layout, long? quotaUsec)
    {
        if (quotaUsec is not { } quota)
        {
            return;
        }

        CgroupHierarchy hierarchy = Require(layout, Controller.Cpu, "--cpus");
        string quotaText = quota.ToString(CultureInfo.InvariantCulture);
        string periodText = TrialLimits.PeriodUsec.ToString(CultureInfo.InvariantCulture);
        if (hierarchy.Version == CgroupVersion.V1)
        {
            Write(FileOf(hierarchy, "", "cpu.cfs_period_us"), periodText);
        }

        Write(FileOf(hierarchy, "cpu.max", "cpu.cfs_quota_us"), hierarchy.Version == CgroupVersion.V2 ? $"{quotaText} {periodText}" : quotaText);
    }

    private void SetCpus(CgroupLayout layout, string? cpus)
    {
        if (cpus is not null)
        {
            Write(FileOf(Require(layout, Controller.CpuSet, "--cpuset"), "cpuset.cpus", "cpuset.cpus"), cpus);
        }
    }

    private string FileOf(CgroupHierarchy hierarchy, string v2, string v1)
        => Path.Combine(hierarchy.MountPoint, Name, hierarchy.Version == CgroupVersion.V2 ? v2 : v1);

    private static CgroupHierarchy Require(CgroupLayout layout, Controller controller, string option)
        => layout.HierarchyOf(controller)
            ?? throw new Failure(ExitCode.Impossible, $"{option} needs the {controller} controller, which no cgroup hierarchy of this host has ({layout.Describe()})");

    private static void Write(string file, string text) => Attempt($"write \"{text}\" to {file}", () => File.WriteAllText(file, text));

    internal static void Attempt(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The runtime's text ends with the path, which is in the sentence already.
            string reason = exception.Message.Split(" : '")[0].TrimEnd('.');
            throw new Failure(ExitCode.Failed, $"cannot {what}: {reason}; the kernel takes no such limit here, or somebody else manages this hierarchy");
        }
    }
}
