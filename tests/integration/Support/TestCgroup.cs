using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>A cgroup of the tests below <c>/procfs-test-PID</c>, in every hierarchy that matters; gone, with its processes, at the end.</summary>
internal sealed class TestCgroup : IDisposable
{
    /// <summary>Parent of every cgroup that this test run makes.</summary>
    public static readonly string Parent = $"/procfs-test-{Environment.ProcessId}";

    public TestCgroup(string name)
    {
        Path = $"{Parent}/{name}";
        foreach (string hierarchy in CgroupMounts.Relevant)
        {
            string directory = hierarchy;
            foreach (string part in Path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                Enable(directory);
                string parent = directory;
                directory = $"{directory}/{part}";
                Directory.CreateDirectory(directory);
                InheritCpuset(parent, directory);
            }
        }
    }

    /// <summary>As in /proc/PID/cgroup.</summary>
    public string Path { get; }

    /// <summary>A file of this cgroup by its v1 and its v2 name.</summary>
    public string FileOf(string controller, string v1, string v2) =>
        $"{CgroupMounts.Of(controller)}{Path}/{(CgroupMounts.IsV1(controller) ? v1 : v2)}";

    public static string FileOf(string path, string controller, string v1, string v2) =>
        $"{CgroupMounts.Of(controller)}{path}/{(CgroupMounts.IsV1(controller) ? v1 : v2)}";

    public TestCgroup Memory(long bytes)
    {
        SetMemory(Path, bytes);
        return this;
    }

    public static void SetMemory(string path, long bytes) =>
        File.WriteAllText(FileOf(path, "memory", "memory.limit_in_bytes", "memory.max"), bytes.ToString(CultureInfo.InvariantCulture));

    /// <summary>Microseconds of CPU time per 100 ms; null lifts the quota.</summary>
    public static void SetQuota(string path, int? quota) => File.WriteAllText(
        FileOf(path, "cpu", "cpu.cfs_quota_us", "cpu.max"),
        CgroupMounts.IsV1("cpu") ? $"{quota ?? -1}" : $"{quota?.ToString(CultureInfo.InvariantCulture) ?? "max"} 100000");

    /// <summary>Moves a process and its threads here, in every hierarchy.</summary>
    public void Adopt(int pid)
    {
        foreach (string hierarchy in CgroupMounts.Relevant)
        {
            File.WriteAllText($"{hierarchy}{Path}/cgroup.procs", pid.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Runs a command as a host process in this cgroup.</summary>
    public Output Run(params string[] command) => Child.Run([.. Inside, .. command]);

    public Running Start(params string[] command) => Child.Start([.. Inside, .. command]);

    /// <summary>What to put before a command that is to run here as a host process.</summary>
    public string[] Inside => ["sh", "-c",
        string.Concat(CgroupMounts.Relevant.Select(h => $"echo $$ >{h}{Path}/cgroup.procs && ")) + "exec \"$@\"", "sh"];

    public void Dispose() => Remove(Path);

    /// <summary>Ends whatever is in a cgroup of the tests, and removes it with all below it from every hierarchy.</summary>
    public static void Remove(string path)
    {
        foreach (string top in CgroupMounts.All.Select(h => h + path).Where(Directory.Exists))
        {
            foreach (string directory in Directory.EnumerateDirectories(top, "*", SearchOption.AllDirectories).OrderByDescending(d => d.Length).Append(top))
            {
                RemoveOne(directory);
            }
        }
    }

    private static void RemoveOne(string directory)
    {
        // A killed process stays in its cgroup until it is gone, which takes a moment.
        bool gone = Pace.Until(5, () =>
        {
            try
            {
                foreach (string pid in File.ReadLines($"{directory}/cgroup.procs"))
                {
                    _ = Mono.Unix.Native.Syscall.kill(int.Parse(pid, CultureInfo.InvariantCulture), Mono.Unix.Native.Signum.SIGKILL);
                }

                Directory.Delete(directory);
                return true;
            }
            catch (IOException)
            {
                return !Directory.Exists(directory);
            }
        });
        Assert.True(gone, $"cannot remove {directory}");
    }

    private static void Enable(string directory)
    {
        string file = $"{directory}/cgroup.subtree_control";
        bool isRoot = CgroupMounts.All.Contains(directory);
        // A v2 cgroup that has processes hands no controllers on, except the root: what is made in a container has none.
        if (!File.Exists(file) || (!isRoot && File.ReadAllText($"{directory}/cgroup.procs").Length > 0))
        {
            return;
        }

        foreach (string controller in new[] { "memory", "cpu", "cpuset", "io" })
        {
            if (!File.ReadAllText(file).Split(' ', '\n').Contains(controller))
            {
                File.WriteAllText(file, "+" + controller);
            }
        }
    }

    /// <summary>A v1 cpuset starts empty and takes no process until it is filled.</summary>
    private static void InheritCpuset(string parent, string directory)
    {
        foreach (string name in new[] { "cpuset.cpus", "cpuset.mems" })
        {
            if (CgroupMounts.IsV1("cpuset") && File.Exists($"{directory}/{name}") && File.ReadAllText($"{directory}/{name}").Trim().Length == 0)
            {
                File.WriteAllText($"{directory}/{name}", File.ReadAllText($"{parent}/{name}"));
            }
        }
    }
}
