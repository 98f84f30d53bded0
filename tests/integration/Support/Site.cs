using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>A mount point with a run directory of its own. At the end every process that was started for it is gone, and so are its mounts.</summary>
internal sealed class Site : IDisposable
{
    private readonly string[] _options;

    private readonly string _config;

    public Site(ServedTree tree, int? releaseSeconds = null)
        : this(tree, releaseSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{{ \"releaseSeconds\": {seconds} }}") : null)
    {
    }

    /// <param name="tree">Where its directories are made.</param>
    /// <param name="config">The text of the configuration file; null: there is none.</param>
    public Site(ServedTree tree, string? config)
    {
        Mount = tree.NewDirectory("mount");
        RunDirectory = tree.NewDirectory("run");
        File.SetUnixFileMode(RunDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute); // as the daemon makes its own
        _config = $"{tree.NewDirectory("config")}/procfs.json";
        _options = ["--run-dir", RunDirectory];
        if (config is not null)
        {
            Configure(config);
            _options = [.. _options, "--config", _config];
        }
    }

    public string Mount { get; }

    public string RunDirectory { get; }

    /// <summary>Where the connection is mounted; when that is nowhere, this fails.</summary>
    public string PrivateMount => Assert.Single(FuseMounts.Below($"{RunDirectory}/fuse"));

    /// <summary>What --config names.</summary>
    public string ConfigFile => _config;

    /// <summary>Changes the configuration file, as an operator does: at once, and as a whole.</summary>
    public void Configure(string config)
    {
        File.WriteAllText(_config + ".new", config);
        File.Move(_config + ".new", _config, overwrite: true);
    }

    /// <summary>Another verb with the options of this place.</summary>
    public Output Run(string verb, params string[] arguments) => Child.Run([.. Command(verb), .. arguments]);

    /// <summary>What is run here.</summary>
    public string Program { get; init; } = Daemon.Binary;

    /// <summary>The command line of a server for this place.</summary>
    public string[] ServeCommand => Command("serve");

    /// <summary>The command line of another verb for this place.</summary>
    public string[] Command(string verb) => [Program, verb, "--mount", Mount, .. _options];

    /// <summary>
    /// Server processes that are there now, without those that only start one, and without a child that a server has just forked: until
    /// that becomes another program it has the server's command line.
    /// </summary>
    public IReadOnlyList<int> Servers
    {
        get
        {
            List<int> all = [.. Processes.WithArgument(RunDirectory).Where(pid => Processes.CommandLine(pid) is [_, "serve", ..])];
            return [.. all.Where(pid => !all.Contains(Processes.ParentOf(pid)))];
        }
    }

    /// <summary>What a server remembers of containers beyond its end.</summary>
    public IReadOnlyList<string> StateFiles => Directory.GetFiles(RunDirectory, "*.state");

    /// <summary>Starts a server with the descriptors of this one, which is killed. The options are those of handover.py.</summary>
    public Daemon HandOver(int server, params string[] options)
    {
        int kills = options.SkipWhile(option => option != "--kills").Skip(1).Select(int.Parse).FirstOrDefault();
        return Daemon.LaunchWithin(15 + (0.2 * kills), null, HandOverCommand(server, options));
    }

    public string[] HandOverCommand(int server, params string[] options) => [.. Taker(server), .. options, "--", .. ServeCommand];

    /// <summary>Kills a server, and has a process hold its descriptors; others are handed over from there with "--spare".</summary>
    public Daemon Hold(int server)
    {
        Daemon holder = Daemon.Begin(null, Taker(server));
        holder.Expect("holding");
        return holder;
    }

    public Daemon Serve() => Daemon.Launch(null, ServeCommand);

    public string[] SuperviseCommand => Command("supervise");

    public Daemon Supervise() => Daemon.Launch(null, SuperviseCommand);

    /// <summary>The same as process 1 of a pid namespace, as in a pod; its mounts are its own, too.</summary>
    public Daemon SuperviseAsInit()
        => Daemon.Launch(null, ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", .. SuperviseCommand]);

    /// <summary>A keeper, when it can be asked.</summary>
    public Daemon Keep()
    {
        Daemon keeper = Daemon.Begin(null, [Program, "keep", .. _options]);
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

    /// <summary>Somebody begins to serve here: between two daemons there is nothing.</summary>
    public void AssertServedSoon()
    {
        _ = Pace.Until(15, () => Child.Run("cat", $"{Mount}/proc/meminfo").ExitCode == 0);
        AssertServed();
    }

    public void AssertServed() => Assert.StartsWith("MemTotal:", Read().Ok(), StringComparison.Ordinal);

    /// <summary>Asserts that a start fails with one sentence, which has this in it, and that the mount is left alone.</summary>
    public void AssertRefused(string reason, params string[] command)
    {
        string mount = FuseMounts.Identity(Mount);

        Output refused = Child.RunFor(Pace.Limit(30), command);

        Assert.True(refused.ExitCode is >= 1 and <= 3, $"exit code {refused.ExitCode}: {refused.Error}");
        Assert.Contains(reason, Assert.Single(ProcText.Lines(refused.Error), l => l.StartsWith("procfs: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Error, StringComparison.Ordinal);
        Assert.Equal(mount, FuseMounts.Identity(Mount));
    }

    /// <summary>Does this process hold a connection to the kernel?</summary>
    public static bool HoldsDevice(int pid) => Processes.OpenFiles(pid).Contains("/dev/fuse");

    public void Dispose()
    {
        foreach (int pid in Processes.WithArgument(RunDirectory))
        {
            Processes.Kill(pid);
        }

        FuseMounts.Remove(Mount);
        FuseMounts.RemoveBelow(RunDirectory);
    }

    private string[] Taker(int server)
        => ["/usr/bin/python3", $"{AppContext.BaseDirectory}/handover.py", "--server", server.ToString(CultureInfo.InvariantCulture), "--mount", Mount];
}
