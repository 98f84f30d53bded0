using Microsoft.Extensions.Logging;
using ProcFs.Cli;

namespace ProcFs.Node;

/// <summary>
/// The node's own service: process 1 has started it, so its descriptors are in process 1's store, and no end of a pod ever touches the mount. Only
/// <c>procfs.service</c> is ever restarted, never the keeper with it.
/// </summary>
internal sealed partial class NodeService(NodePlaces places, VersionStore versions, INodeServices services, ILogger logger)
{
    public const string Unit = "procfs.service";

    /// <summary>Of <see cref="PendingActs"/>: the service is to be restarted, also when it is of the right version.</summary>
    public const string Anew = "serve-anew";

    private const string Keeper = "procfs-keeper.service";

    private static readonly string[] Elsewhere = ["/usr/lib/systemd/system", "/lib/systemd/system", "/usr/local/lib/systemd/system"];

    /// <summary>Where units of the administrator are; on a node whose /etc cannot be written, those that last until its next boot.</summary>
    private static readonly string[] Directories = ["/etc/systemd/system", "/run/systemd/system"];

    /// <summary>How long the service may take until it is seen to serve, once systemd says that it has started. Readers wait meanwhile, for 30 s at the most.</summary>
    public TimeSpan ServesWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The same where there is no other version to go to: of a node's first, on a machine that may be busy with its own start, and of one that was gone back to.</summary>
    public TimeSpan FirstServesWithin { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long systemd gives a start (TimeoutStartSec= of the unit), for one that is on its way already.</summary>
    public TimeSpan StartsWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where it serves.</summary>
    public NodeMount Mount { get; init; } = new(places, versions);

    private bool _isHidden;

    /// <summary>Forgotten at the next boot: what failed may have been the kernel's.</summary>
    private string FailureFile => places.RunDirectory + "/node.failed";

    /// <summary>Refuses a node that has procfs from somewhere else: two would fight.</summary>
    /// <exception cref="Failure">It has.</exception>
    public void RefuseOthers()
    {
        foreach (string path in Elsewhere.Concat(Directories).SelectMany(directory => UnitText.Names.Select(name => $"{directory}/{name}")))
        {
            bool isEmptyOfOurs = Directories.Contains(Path.GetDirectoryName(path)) && NodeFile.IsEmpty(places.On(path)); // the node lost its power while it was written
            if (!isEmptyOfOurs && NodeFile.Read(places.On(path)) is { } text && !UnitText.IsOurs(text))
            {
                throw new Failure(ExitCode.Impossible, $"this node has {path}, which procfs node did not install: remove that (apt remove procfs, docs/operations.md), or keep the pod from this node");
            }
        }

        if (Mount.Server() is > 0 and int pid && versions.RunBy(pid) is null)
        {
            throw new Failure(ExitCode.Impossible, $"process {pid} serves {RootOptions.DefaultMount} on this node, and procfs node did not install it: end it (procfs serve --unmount)");
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

    /// <summary>Sees to it that this version serves. One that was just switched to gives way to the one before when it does not; one that has served before never does.</summary>
    /// <param name="attempt">The version, which is the current one.</param>
    /// <param name="trial">Whether it was just switched to, and what served before.</param>
    /// <param name="pending">Whether it must be restarted, also when it serves.</param>
    /// <param name="isFirst">It is worth a line that there was nothing to do.</param>
    /// <exception cref="Failure">It does not serve.</exception>
    /// <remarks>What gave way is remembered: a pod that is started again and again must not have readers wait again and again.</remarks>
    public void Serve(NodeAttempt attempt, VersionTrial trial, PendingActs pending, bool isFirst)
    {
        string version = attempt.Version;
        int pid = Mount.Server();
        bool isItself = pid > 0 && versions.RunBy(pid) == version;
        bool mustRestart = pending.IsAsked(Anew) || (pid > 0 && !isItself);
        if (!mustRestart && !trial.IsUnderWay && Mount.IsServed())
        {
            if (isFirst)
            {
                LogServesAlready(version, pid);
            }

            _isHidden = false;
            return;
        }

        if (!mustRestart && !trial.IsUnderWay && isItself && services.StateOf(Unit).IsUp && Mount.Health() is { IsServed: false } health)
        {
            // Its mount point was taken from it, perhaps. Containers have their files all the same, which a restart that fails would end.
            if (!_isHidden)
            {
                LogHidden(version, health.Sentence);
            }

            _isHidden = true;
            return;
        }

        _isHidden = false;
        string? before = trial.Before is { } proven && proven != version ? proven : null;
        TimeSpan patience = trial.IsUnderWay && before is null ? FirstServesWithin : ServesWithin;
        bool isUntouched = false;
        // What is just being started is not started again: by systemd itself, or by a pod that ended in between.
        bool isComing = !mustRestart && (isItself || services.StateOf(Unit) is { IsUp: false, IsDown: false, Active.Length: > 0 });
        string? failure = !isComing ? Restart(version, patience, hasOther: before is not null, out pid, out isUntouched)
            : Mount.IsSteady(version, StartsWithin + patience, HasFailed, out pid) && services.StateOf(Unit).IsUp ? null : DoesNot(version, "serve");
        if (failure is null)
        {
            pending.Done(Anew);
            trial.End();
            LogServes(version, pid);
            return;
        }

        if (before is null || isUntouched)
        {
            throw new Failure(ExitCode.Failed, failure); // and it is tried again
        }

        trial.GoBack();
        _ = NodeFile.Write(FailureFile, $"{attempt.Key}\n{failure}\n");
        string? worse = Restart(before, FirstServesWithin, hasOther: false, out _, out _);
        trial.End();
        if (worse is not null)
        {
            NodeFile.Delete(FailureFile); // it is not the version
            throw new Failure(ExitCode.Failed, $"{failure}; nor does {before}, the version before: {worse}");
        }

        pending.Done(Anew);
        throw new Failure(ExitCode.Failed, $"{failure}; {before}, the version before, serves again");
    }

    /// <summary>Starts it if nobody serves; also after it was stopped by hand.</summary>
    /// <exception cref="Failure">systemd refuses.</exception>
    public void Start() => services.Control("start", Unit);

    /// <summary>A goodbye for good: the files leave the containers, both mounts go, and the units with them.</summary>
    /// <param name="unmount">Takes the mounts off when nobody serves any more.</param>
    /// <exception cref="Failure">systemd refuses, or a file cannot be removed.</exception>
    public void Uninstall(Action unmount)
    {
        bool isThere = Directories.Any(directory => NodeFile.Read(places.On($"{directory}/{Unit}")) is { } text && IsOurs(text));
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
                hasRemoved |= NodeFile.Remove(places.On($"{directory}/{name}"), IsOurs);
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

    /// <summary>An empty unit was ours before the node lost its power; systemd takes it for a masked one.</summary>
    private static bool IsOurs(string text) => text.Length == 0 || UnitText.IsOurs(text);

    /// <summary>Restarts it.</summary>
    /// <param name="version">Which has to serve then.</param>
    /// <param name="patience">How long it may take, once systemd has answered.</param>
    /// <param name="hasOther">There is another version to go to. Then readers are not kept waiting for this one's second start.</param>
    /// <param name="pid">Who serves.</param>
    /// <param name="isUntouched">systemd has refused, and who served before serves on: it is not the version.</param>
    /// <returns>Why it does not serve; null: it does.</returns>
    private string? Restart(string version, TimeSpan patience, bool hasOther, out int pid, out bool isUntouched)
    {
        int before = Mount.Server();
        string? refusal = null;
        try
        {
            services.Control("restart", Unit);
        }
        catch (Failure failure)
        {
            refusal = failure.Message;
        }

        pid = 0;
        isUntouched = refusal is not null && before > 0 && Mount.Server() == before;
        // What took too long, or ended, systemd itself starts again. It has to say that it is ready then: one that never does is killed again and again.
        bool serves = refusal is null ? Mount.IsSteady(version, patience, HasFailed, out pid)
            : !isUntouched && !hasOther && Mount.IsSteady(version, patience, HasFailed, out pid) && services.StateOf(Unit).IsUp;
        return serves ? null : DoesNot(version, refusal is null ? "serve" : $"start: {refusal}");
    }

    /// <summary>It ended, and systemd does not start it again: what it wants, as /dev/fuse, is not there.</summary>
    private bool HasFailed() => services.StateOf(Unit).IsDown;

    private static string DoesNot(string version, string what) => $"version {version} does not {what} (journalctl -u procfs, on the node)";

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

    [LoggerMessage(1712, LogLevel.Warning, "version {Version} runs, and is left as it is: {Health}")]
    private partial void LogHidden(string version, string health);

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
