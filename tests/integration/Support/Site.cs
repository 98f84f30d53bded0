using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>A mount point with a run directory of its own. At the end every process that was started for it is gone, and so are its mounts.</summary>
internal sealed class Site : IDisposable
{
    private readonly string[] _options;

    public Site(ServedTree tree, int? releaseSeconds = null)
    {
        Mount = tree.NewDirectory("mount");
        RunDirectory = tree.NewDirectory("run");
        _options = ["--run-dir", RunDirectory];
        if (releaseSeconds is { } seconds)
        {
            string config = $"{tree.NewDirectory("config")}/procfs.json";
            File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $"{{ \"releaseSeconds\": {seconds} }}"));
            _options = [.. _options, "--config", config];
        }
    }

    public string Mount { get; }

    public string RunDirectory { get; }

    /// <summary>The command line of a server for this place.</summary>
    public string[] ServeCommand => [Daemon.Binary, "serve", "--mount", Mount, .. _options];

    /// <summary>Server processes that are there now, without those that only start one.</summary>
    public IReadOnlyList<int> Servers => [.. Processes.WithArgument(RunDirectory).Where(pid => Processes.CommandLine(pid) is [_, "serve", ..])];

    /// <summary>Starts a server with the descriptors of this one, which is killed. The options are those of handover.py.</summary>
    public Daemon HandOver(int server, params string[] options) => Daemon.Launch(null,
        ["/usr/bin/python3", $"{AppContext.BaseDirectory}/handover.py", "--server", server.ToString(CultureInfo.InvariantCulture), "--mount", Mount, .. options, "--", .. ServeCommand]);

    public Daemon Serve() => Daemon.Launch(null, ServeCommand);

    public Daemon Supervise() => Daemon.Launch(null, [Daemon.Binary, "supervise", "--mount", Mount, .. _options]);

    /// <summary>The same as process 1 of a pid namespace, as in a pod; its mounts are its own, too.</summary>
    public Daemon SuperviseAsInit()
        => Daemon.Launch(null, ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", Daemon.Binary, "supervise", "--mount", Mount, .. _options]);

    /// <summary>A keeper, when it can be asked.</summary>
    public Daemon Keep()
    {
        Daemon keeper = Daemon.Begin(null, [Daemon.Binary, "keep", .. _options]);
        // A socket file of a dead one may lie there: what counts is that this process listens.
        bool listens = Pace.Until(15, () => keeper.HasExited || Processes.OpenFiles(keeper.Pid).Any(f => f.StartsWith("socket:", StringComparison.Ordinal)) && File.Exists($"{RunDirectory}/keeper.sock"));
        if (!listens || keeper.HasExited)
        {
            keeper.Dispose();
            Assert.Fail($"procfs keep does not keep:\n{keeper.Log}");
        }

        return keeper;
    }

    /// <summary>Reads a file below the mount, in a child.</summary>
    public Output Read(string file = "proc/meminfo") => Child.Run("cat", $"{Mount}/{file}");

    public void AssertServed() => Assert.StartsWith("MemTotal:", Read().Ok(), StringComparison.Ordinal);

    /// <summary>Does this process hold a connection to the kernel?</summary>
    public static bool HoldsDevice(int pid) => Processes.OpenFiles(pid).Contains("/dev/fuse");

    public void Dispose()
    {
        foreach (int pid in Processes.WithArgument(RunDirectory))
        {
            Processes.Kill(pid);
        }

        FuseMounts.Remove(Mount);
    }
}
