namespace ProcFs.Host;

/// <summary>Where the trees of the host that has the containers are mounted. Values, never constants: it may be another machine's.</summary>
/// <param name="Proc">Its procfs, <c>/proc</c> by default.</param>
/// <param name="Cgroup">Its cgroup hierarchies, <c>/sys/fs/cgroup</c> by default.</param>
/// <param name="Sys">Its sysfs: <c>/sys</c>, or the <c>sys</c> beside a procfs that is elsewhere.</param>
internal sealed record HostRoots(string Proc, string Cgroup, string Sys)
{
    public const string DefaultProc = "/proc";

    public static HostRoots From(string proc, string cgroup)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(proc));
        string sys = root == DefaultProc ? "/sys" : Path.Combine(Path.GetDirectoryName(root) ?? "/", "sys");
        return new HostRoots(root, Path.TrimEndingDirectorySeparator(Path.GetFullPath(cgroup)), sys);
    }

    /// <summary>The clock that this host's start times count by.</summary>
    public TimeProvider Clock => Proc == DefaultProc ? new BootClock() : new UptimeClock(Proc);
}
