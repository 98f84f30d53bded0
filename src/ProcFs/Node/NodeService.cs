using System.Diagnostics;
using Microsoft.Extensions.Logging;
using ProcFs.Serving;

namespace ProcFs.Node;

/// <summary>
/// The node's own service: process 1 has started it, so its descriptors are in process 1's store, and no end of a pod ever touches the mount. Only
/// <c>procfs.service</c> is ever restarted, never the keeper with it.
/// </summary>
internal sealed partial class NodeService(NodePlaces places, VersionStore versions, INodeServices services, ILogger logger)
{
    public const string Unit = "procfs.service";

    private const string Keeper = "procfs-keeper.service";

    private static readonly string[] Elsewhere = ["/usr/lib/systemd/system", "/lib/systemd/system", "/usr/local/lib/systemd/system"];

    /// <summary>Where units of the administrator are; on a node whose /etc cannot be written, those that last until its next boot.</summary>
    private static readonly string[] Directories = ["/etc/systemd/system", "/run/systemd/system"];

    /// <summary>How long the service may take until it is seen to serve, once systemd says that it has started. Readers wait meanwhile, for 30 s at the most.</summary>
    public TimeSpan ServesWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The same of a node's first version, on a machine that may be busy with its own start.</summary>
    public TimeSpan FirstServesWithin { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Forgotten at the next boot: what failed may have been the kernel's.</summary>
    private string FailureFile => places.RunDirectory + "/node.failed";

    /// <summary>Who serves the node's mount point; 0: nobody.</summary>
    public Func<int> Server { get; init; } = () => ServerLock.Holder(places.RunDirectory, Cli.RootOptions.DefaultMount);

    /// <summary>Refuses a node that has procfs from somewhere else: two would fight.</summary>
    /// <exception cref="Failure">It has.</exception>
    public void RefuseOthers()
    {
        foreach (string path in Elsewhere.Concat(Directories).SelectMany(directory => UnitText.Names.Select(name => $"{directory}/{name}")))
        {
            if (NodeFile.Read(places.On(path)) is { } text && !UnitText.IsOurs(text))
            {
                throw new Failure(ExitCode.Impossible, $"this node has {path}, which procfs node did not install: remove that (apt remove procfs, docs/operations.md), or keep the pod from this node");
            }
        }

        if (Server() is > 0 and int pid && versions.RunBy(pid) is null)
        {
            throw new Failure(ExitCode.Impossible, $"process {pid} serves {Cli.RootOptions.DefaultMount} on this node, and procfs node did not install it: end it (procfs serve --unmount)");
        }
    }

    /// <summary>Refuses what has failed on this node since its boot.</summary>
    /// <exception cref="Failure">It has.</exception>
    public void RefuseFailed(NodeAttempt attempt)
    {
        if (NodeFile.Read(FailureFile)?.Split('\n') is [string failed, string reason, ..] && failed == attempt.Key)
        {
            throw new Failure(ExitCode.Failed, $"{reason}; it is not tried again until this node's next boot, or until {FailureFile} is removed");
        }
    }

    /// <summary>Has the units as they are to be, and systemd know them.</summary>
    /// <param name="pending">What is still to be done of it since an earlier try.</param>
    /// <exception cref="Failure">They cannot be written, or systemd refuses.</exception>
    public void InstallUnits(PendingActs pending)
    {
        string? asItShouldBe = Directories.FirstOrDefault(directory => UnitText.Names.All(name => NodeFile.Read(places.On($"{directory}/{name}")) == UnitText.For(name, places.Program)));
        string directory = asItShouldBe ?? WritableDirectory();
        pending.Do("daemon-reload", asItShouldBe is null, () =>
        {
            foreach (string name in UnitText.Names)
            {
                NodeFile.Write(places.On($"{directory}/{name}"), UnitText.For(name, places.Program));
            }

            LogUnits(directory);
        }, () => services.Control("daemon-reload"));

        if (!File.Exists(places.On($"{directory}/multi-user.target.wants/{Unit}")))
        {
            services.Control(directory.StartsWith("/run/", StringComparison.Ordinal) ? ["enable", "--runtime", Unit] : ["enable", Unit]);
        }
    }

    /// <summary>Sees to it that this version serves. When it cannot, and another one did before, that one serves again.</summary>
    /// <param name="attempt">The version, which is the current one.</param>
    /// <param name="mustRestart">Also when it serves already.</param>
    /// <param name="isFirst">It is worth a line that there was nothing to do.</param>
    /// <exception cref="Failure">It does not serve.</exception>
    /// <remarks>That is remembered: a pod that is started again and again must not have readers wait again and again.</remarks>
    public void Serve(NodeAttempt attempt, bool mustRestart, bool isFirst)
    {
        string version = attempt.Version;
        if (!mustRestart && Serves(version, out int pid))
        {
            if (isFirst)
            {
                LogServesAlready(version, pid);
            }

            return;
        }

        string? failure = Restart(version, out pid);
        if (failure is null)
        {
            LogServes(version, pid);
            return;
        }

        string? before = versions.Previous;
        if (before is null || before == version)
        {
            throw new Failure(ExitCode.Failed, failure);
        }

        _ = NodeFile.Write(FailureFile, $"{attempt.Key}\n{failure}\n");
        versions.Switch(before);
        string then = Restart(before, out _) is { } worse ? $"nor does {before}, the version before: {worse}" : $"{before}, the version before, serves again";
        throw new Failure(ExitCode.Failed, $"{failure}; {then}");
    }

    /// <summary>Starts it if nobody serves; also after it was stopped by hand.</summary>
    /// <exception cref="Failure">systemd refuses.</exception>
    public void Start() => services.Control("start", Unit);

    /// <summary>A goodbye for good: the files leave the containers, both mounts go, and the units with them.</summary>
    /// <param name="unmount">Takes the mounts off when nobody serves any more.</param>
    /// <exception cref="Failure">systemd refuses, or a file cannot be removed.</exception>
    public void Uninstall(Action unmount)
    {
        bool isThere = Directories.Any(directory => NodeFile.Read(places.On($"{directory}/{Unit}")) is { } text && UnitText.IsOurs(text));
        if (isThere)
        {
            services.Control("stop", Unit);
        }

        unmount();
        if (isThere)
        {
            services.Control("disable", Unit);
        }

        bool hasRemoved = false;
        foreach (string directory in Directories)
        {
            foreach (string name in UnitText.Names)
            {
                hasRemoved |= NodeFile.Remove(places.On($"{directory}/{name}"), UnitText.IsOurs);
            }
        }

        if (hasRemoved)
        {
            services.Control("daemon-reload");
            // It refuses to be stopped, so that nobody stops it with the service. Without its file it is not started again.
            try
            {
                services.Control("kill", Keeper);
            }
            catch (Failure failure)
            {
                LogNoKeeper(failure.Message); // it had ended
            }

            LogRemoved();
        }
    }

    private bool Serves(string version, out int pid)
    {
        pid = Server();
        return pid > 0 && versions.RunBy(pid) == version;
    }

    private string? Restart(string version, out int pid)
    {
        string failed = $"version {version} does not serve";
        int refused = 0; // who served before, and serves on
        int before = Server();
        try
        {
            services.Control("restart", Unit);
        }
        catch (Failure failure)
        {
            failed = $"version {version} does not start: {failure.Message}";
            refused = before;
        }

        // "Started" means that it has said it is ready; whether it is this version, we see for ourselves. And one that took too long is started again by
        // systemd itself: with no other version that readers wait for, there is time for that.
        TimeSpan patience = versions.Previous is null ? FirstServesWithin : ServesWithin;
        long start = Stopwatch.GetTimestamp();
        while (!Serves(version, out pid) || pid == refused)
        {
            if (Stopwatch.GetElapsedTime(start) > patience)
            {
                return $"{failed} (journalctl -u procfs, on the node)";
            }

            Thread.Sleep(50);
        }

        return null;
    }

    private string WritableDirectory()
    {
        foreach (string directory in Directories)
        {
            string probe = places.On(directory) + "/.procfs-node";
            try
            {
                Directory.CreateDirectory(places.On(directory));
                File.WriteAllText(probe, "");
                File.Delete(probe);
                return directory;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                LogNotWritable(directory, exception.Message);
            }
        }

        throw new Failure(ExitCode.Impossible, $"neither {string.Join(" nor ", Directories)} can be written on this node");
    }

    [LoggerMessage(1706, LogLevel.Information, "units written to {Directory}")]
    private partial void LogUnits(string directory);

    [LoggerMessage(1707, LogLevel.Information, "version {Version} serves already, process {Pid}: nothing to do")]
    private partial void LogServesAlready(string version, int pid);

    [LoggerMessage(1708, LogLevel.Information, "version {Version} serves, process {Pid}")]
    private partial void LogServes(string version, int pid);

    [LoggerMessage(1709, LogLevel.Debug, "the keeper was not ended: {Reason}")]
    private partial void LogNoKeeper(string reason);

    [LoggerMessage(1710, LogLevel.Information, "the service and its keeper have ended, and their units are removed")]
    private partial void LogRemoved();

    [LoggerMessage(1711, LogLevel.Warning, "{Directory} cannot be written ({Reason}): units last until the node's next boot, after which its pod writes them again")]
    private partial void LogNotWritable(string directory, string reason);
}
