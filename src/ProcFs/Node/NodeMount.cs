using System.Diagnostics;
using ProcFs.Cli;
using ProcFs.Host;
using ProcFs.Serving;
using ProcFs.Status;

namespace ProcFs.Node;

/// <summary>The node's mount, and who serves it. Looked at from outside: nothing is asked that could hang.</summary>
/// <param name="places">Where things lie.</param>
/// <param name="versions">By which a process is known.</param>
internal sealed class NodeMount(NodePlaces places, VersionStore versions)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    private int _seen;

    /// <summary>Who has the node's mount point; 0: nobody. It need not serve yet: a daemon takes its lock first.</summary>
    public Func<int> Server { get; init; } = () => ServerLock.Holder(places.RunDirectory, RootOptions.DefaultMount);

    /// <summary>How the node's mount is.</summary>
    public Func<MountHealth> Health { get; init; } = () => MountHealth.Look(HostRoots.From(places.ProcRoot, "/sys/fs/cgroup"), places.RunDirectory, RootOptions.DefaultMount);

    /// <summary>How long one process has to serve until its version counts as one that serves: longer than one that ends at its start lives.</summary>
    public TimeSpan SteadyFor { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether somebody serves. Cheap: who was seen to serve and still has the mount point is systemd's to watch.</summary>
    public bool IsServed()
    {
        int pid = Server();
        if (pid > 0 && pid != _seen)
        {
            MountHealth health = Health();
            _seen = health.IsServed ? health.Daemon.Pid : 0;
        }

        return pid > 0 && pid == _seen;
    }

    /// <summary>Waits until one process of this version serves, and has done so for a while. One that ends at its start, or hangs in it, may have the mount point's lock.</summary>
    public bool IsSteady(string version, TimeSpan patience, out int pid)
    {
        long start = Stopwatch.GetTimestamp(), since = start;
        int last = 0;
        while (true)
        {
            MountHealth health = Health();
            pid = health.IsServed && versions.RunBy(health.Daemon.Pid) == version ? health.Daemon.Pid : 0;
            if (pid == 0 || pid != last)
            {
                since = Stopwatch.GetTimestamp();
                if (Stopwatch.GetElapsedTime(start) > patience)
                {
                    return false;
                }
            }
            else if (Stopwatch.GetElapsedTime(since) >= SteadyFor)
            {
                return true;
            }

            last = pid;
            Thread.Sleep(LookEvery);
        }
    }
}
