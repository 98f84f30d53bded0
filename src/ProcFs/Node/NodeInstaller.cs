using Microsoft.Extensions.Logging;
using ProcFs.Handover;
using ProcFs.Interop;

namespace ProcFs.Node;

/// <summary>
/// <c>procfs node install</c>: this program, its service and the container engine's way to it, on the node. What is as it should be is left alone, so it can be
/// done again at any time.
/// </summary>
/// <param name="places">Where things lie.</param>
/// <param name="services">Null: the node has no systemd, and the pod supervises the daemon itself.</param>
/// <param name="engines">What is to be done to container engines.</param>
/// <param name="logger">Told what changed, and what did not.</param>
internal sealed partial class NodeInstaller(NodePlaces places, INodeServices? services, EngineOptions engines, ILogger logger)
{
    /// <summary>One installation or removal at a time. Disposing of it ends that.</summary>
    /// <exception cref="Failure">Another one is at work.</exception>
    public static FileDescriptor Begin(NodePlaces places) => RecordLock.Take(places.RunDirectory, places.RunDirectory + "/node.lock", holder
        => $"process {holder} installs or removes procfs on this node at this moment; try again");

    private readonly PendingActs _pending = new(places);
    private readonly NodeConfiguration _configuration = new(places, logger);
    private readonly VersionTrial _trial = new(new VersionStore(places), new NodeConfiguration(places, logger));
    private (byte[] Program, string Version)? _installed;

    public VersionStore Versions { get; } = new(places);

    public ContainerdSetup Containerd { get; init; } = new(places, engines, services, logger);

    public CrioSetup Crio { get; init; } = new(places, engines, services, logger);

    /// <summary>Null: there is no systemd.</summary>
    public NodeService? Service { get; init; } = services is null ? null : new NodeService(places, new VersionStore(places), services, logger);

    /// <summary>Does all of it.</summary>
    /// <param name="program">The bytes of the program that is to serve.</param>
    /// <param name="configuration">The daemon's configuration; null: the node's own.</param>
    /// <returns>The version's name.</returns>
    /// <exception cref="Failure">Something could not be done. What serves, serves on.</exception>
    public string Install(byte[] program, string? configuration)
    {
        Service?.RefuseOthers();
        Versions.RefuseForeign();
        bool isNew = false;
        // The same pod does it every minute.
        string version = _installed is { } installed && ReferenceEquals(installed.Program, program) && Versions.Has(installed.Version, program.Length) ? installed.Version : Versions.Put(program, out isNew);
        NodeAttempt attempt = new(version, configuration);
        Service?.RefuseFailed(attempt);
        string? before = Versions.Current;
        if (isNew)
        {
            LogCopied(version, places.Directory);
        }

        if (Service is not null && before != version)
        {
            _trial.Begin();
        }

        _configuration.Install(configuration, () => _pending.Ask(NodeService.Anew));
        if (Versions.Switch(version))
        {
            LogSwitched(before ?? "none", version);
        }

        if (Service is not null)
        {
            Service.InstallUnits(_pending);
            Service.Serve(attempt, _trial, _pending, isFirst: _installed is null);
        }

        _pending.Done(NodeService.Anew);
        _installed = (program, version);
        Versions.Prune();
        SetUpEngines();
        return version;
    }

    /// <summary>The engines' files alone.</summary>
    public void SetUpEngines()
    {
        if (Containerd.IsHere)
        {
            Containerd.Install();
        }

        if (Crio.IsHere)
        {
            Crio.Install();
        }

        if (!Containerd.IsHere && !Crio.IsHere)
        {
            LogNoEngine();
        }
    }

    [LoggerMessage(1701, LogLevel.Information, "version {Version} copied to {Directory}")]
    private partial void LogCopied(string version, string directory);

    [LoggerMessage(1702, LogLevel.Information, "switched from version {Before} to {Version}")]
    private partial void LogSwitched(string before, string version);

    [LoggerMessage(1703, LogLevel.Information, "neither containerd nor CRI-O is set up: none is here, or --engines says so")]
    private partial void LogNoEngine();
}
