using Microsoft.Extensions.Logging;
using ProcFs.Keeping;

namespace ProcFs.Node;

/// <summary>
/// What a pod does after the installation: it looks whether the node is served, and mends what is not. It ends with a signal and leaves everything as it is.
/// </summary>
/// <param name="installer">What it mends with.</param>
/// <param name="version">The version that this pod stands for.</param>
/// <param name="install">The installation, to be done again.</param>
/// <param name="pods">Containers to be found that run without files; null: that was not asked for.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told what was wrong, and when it is right again.</param>
internal sealed partial class NodeWatch(NodeInstaller installer, string version, Action install, PodContainers? pods, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan InstallEvery = TimeSpan.FromMinutes(1);

    /// <summary>Longer than a restart by systemd takes: that is not our business.</summary>
    private static readonly TimeSpan PatientFor = TimeSpan.FromSeconds(15);

    private long _servedAt = time.GetTimestamp();
    private long _installedAt = time.GetTimestamp();
    private readonly RepeatedTries _starts = new("the start of the service", logger);
    private readonly RepeatedTries _installations = new("the installation", logger);
    private readonly RepeatedTries _searches = new("the search for containers", logger);
    private bool _isReplaced;
    private bool _isUnserved;

    /// <summary>Until a signal comes.</summary>
    public void Run(SignalInbox signals)
    {
        while (!signals.TryTake(out _))
        {
            Look();
            signals.Wait(PodWatch.LookEvery);
        }

        LogLeaving();
    }

    /// <summary>One look, and what has to be done.</summary>
    internal void Look()
    {
        if (installer.Versions.Current is { } current && current != version)
        {
            // Another pod's: during a rollout, or by hand. Two that mend would fight.
            if (!_isReplaced)
            {
                LogReplaced(version, current);
            }

            _isReplaced = true;
            return;
        }

        _isReplaced = false;
        NodeService service = installer.Service!;
        if (service.Mount.IsServed())
        {
            _servedAt = time.GetTimestamp();
            _isUnserved = false;
            _starts.End();
        }
        else if (time.GetElapsedTime(_servedAt) > PatientFor)
        {
            if (!_isUnserved)
            {
                LogNotServed((long)time.GetElapsedTime(_servedAt).TotalSeconds);
            }

            _isUnserved = true;
            _servedAt = time.GetTimestamp(); // the next try after the same time
            _starts.Run(service.Start);
        }

        if (time.GetElapsedTime(_installedAt) > InstallEvery)
        {
            _installedAt = time.GetTimestamp();
            _installations.Run(install);
        }

        if (pods is not null)
        {
            _searches.Run(() => pods.Attach());
        }
    }

    [LoggerMessage(1716, LogLevel.Warning, "version {Version} is this pod's, and {Current} is installed: this pod does nothing more")]
    private partial void LogReplaced(string version, string current);

    [LoggerMessage(1717, LogLevel.Warning, "nobody has served this node for {Seconds} s: starting the service")]
    private partial void LogNotServed(long seconds);

    [LoggerMessage(1720, LogLevel.Information, "leaving; the node's service goes on without this pod")]
    private partial void LogLeaving();
}
