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
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

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
    /// <param name="version">Which.</param>
    /// <param name="patience">How long it may take until one serves. One that is seen to serve has its while, however late it is seen.</param>
    /// <param name="hasFailed">Whether nobody is about to serve: asked once a second while nobody does.</param>
    /// <param name="pid">The process; 0: none serves.</param>
    public bool IsSteady(string version, TimeSpan patience, Func<bool> hasFailed, out int pid)
    {
        long start = Stopwatch.GetTimestamp(), since = start, asked = start;
        int last = 0;
        while (true)
        {
            MountHealth health = Health();
            pid = health.IsServed && versions.RunBy(health.Daemon.Pid) == version ? health.Daemon.Pid : 0;
            if (pid == 0 || pid != last)
            {
                since = Stopwatch.GetTimestamp();
                bool isFirst = pid > 0 && last == 0;
                if (!isFirst && Stopwatch.GetElapsedTime(start) > patience)
                {
                    return false;
                }

                if (pid == 0 && Stopwatch.GetElapsedTime(asked) > AskEvery)
                {
                    if (hasFailed())
                    {
                        return false;
                    }

                    asked = Stopwatch.GetTimestamp();
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
