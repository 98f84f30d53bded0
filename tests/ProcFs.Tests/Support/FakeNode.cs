using System.Text;
using Microsoft.Extensions.Logging;
using ProcFs.Metrics;
using ProcFs.Node;
using ProcFs.Status;

namespace ProcFs.Tests.Support;

/// <summary>A node in a temporary directory, with a systemd that notes what it is told, and a program that says its version and serves as soon as it is started.</summary>
internal sealed class FakeNode : INodeServices, ILogger, IDisposable
{
    private const int FirstPid = 4711;

    private readonly string _root = Directory.CreateTempSubdirectory("procfs-node-").FullName;
    private int _started = FirstPid - 1; // the last process that was started
    private int _pid; // who has the mount point's lock

    public FakeNode()
    {
        Places = new NodePlaces(NodePlaces.DefaultDirectory, _root);
        Directory.CreateDirectory(Places.On("/etc"));
        Store = new VersionStore(Places);
    }

    public NodePlaces Places { get; }

    public VersionStore Store { get; }

    /// <summary>What systemd was told, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What was logged.</summary>
    public List<string> Log { get; } = [];

    /// <summary>A version whose service ends before it has the mount point's lock.</summary>
    public string? Broken { get; set; }

    /// <summary>One that has the lock and never gets ready: systemd ends it, and starts it again.</summary>
    public string? Hanging { get; set; }

    /// <summary>One that gets ready and ends at once, again and again.</summary>
    public string? Restless { get; set; }

    /// <summary>Somebody has unmounted the daemon's mount point.</summary>
    public bool IsHidden { get; set; }

    /// <summary>A version of which systemd says that it took too long.</summary>
    public string? FailsToStart { get; set; }

    /// <summary>What systemd says of a unit; null: what is to be expected.</summary>
    public Func<string, UnitState?> State { get; set; } = _ => null;

    /// <summary>How the handler gets into containerd's configuration.</summary>
    public EngineOptions Engines { get; set; } = new(null, EditsContainerd: false, EngineOptions.DefaultContainerdFile, "containerd");

    /// <summary>How long it is waited for a daemon.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The node loses its power when the service is to be restarted.</summary>
    public bool PowerFails { get; set; }

    /// <summary>What systemd is told in vain; null: it does all.</summary>
    public string? Refuses { get; set; }

    /// <summary>What containerd --version says.</summary>
    public string? ContainerdVersion { get; set; }

    /// <summary>The version that the running process was started from; null: nobody serves.</summary>
    public string? Serving => Health().IsServed ? Store.RunBy(_pid) : null;

    /// <summary>A program that says a version.</summary>
    public static byte[] Program(string version, string more = "") => Encoding.UTF8.GetBytes($"#!/bin/sh\necho {version}\n# {more}\n");

    public NodeInstaller Installer() => new(Places, this, Engines, this)
    {
        Service = new NodeService(Places, Store, this, this)
        {
            Mount = new NodeMount(Places, Store) { Server = () => _pid, Health = Health, SteadyFor = TimeSpan.FromMilliseconds(10) },
            ServesWithin = Patience,
            StartsWithin = TimeSpan.FromMilliseconds(100),
            FirstServesWithin = Patience,
        },
        Containerd = new ContainerdSetup(Places, Engines, this, this) { AskVersion = () => ContainerdVersion },
    };

    /// <summary>Installs it, and forgets what systemd was told before.</summary>
    public string Install(string version, string? configuration = null)
    {
        Calls.Clear();
        return Installer().Install(Program(version), configuration);
    }

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Places.On(path))!);
        File.WriteAllText(Places.On(path), text);
    }

    public string? Read(string path) => NodeFile.Read(Places.On(path));

    /// <summary>Somebody ends the daemon.</summary>
    public void Kill() => _pid = 0;

    /// <summary>Its /run is empty then, and systemd starts what was enabled.</summary>
    public void Boot()
    {
        PowerFails = false;
        Directory.Delete(Places.RunDirectory, recursive: true);
        StartProcess(Store.Current!);
    }

    /// <summary>Somebody else starts it again.</summary>
    public void Resume() => StartProcess(Store.Current!);

    /// <summary>All files of the node but procfs's own, with their texts.</summary>
    public Dictionary<string, string> Everything() => Directory.EnumerateFileSystemEntries(_root, "*", SearchOption.AllDirectories)
        .Where(path => !path.StartsWith(Places.ProcRoot, StringComparison.Ordinal))
        .ToDictionary(path => path[_root.Length..], path => Directory.Exists(path) ? "" : File.ReadAllText(path));

    public void Control(params string[] words)
    {
        Calls.Add(string.Join(' ', words));
        if (Calls[^1] == Refuses)
        {
            throw new Failure(ExitCode.Failed, $"{Refuses}: refused");
        }

        switch (words)
        {
            case ["restart" or "start", NodeService.Unit] when PowerFails:
                throw new PowerFailure();
            case ["restart" or "start", NodeService.Unit]:
                string version = Store.Current!;
                StartProcess(version);
                if (version == Hanging || version == FailsToStart)
                {
                    throw new Failure(ExitCode.Failed, $"{Calls[^1]}: a timeout was exceeded");
                }

                break;
            case ["stop", NodeService.Unit]:
                _pid = 0;
                break;
            case ["enable", ..]:
                Write("/etc/systemd/system/multi-user.target.wants/procfs.service", "");
                break;
            case ["disable", ..]:
                Directory.Delete(Places.On("/etc/systemd/system/multi-user.target.wants"), recursive: true);
                break;
        }
    }

    public void Begin(params string[] words) => Control(words);

    public UnitState StateOf(string unit)
        => State(unit) ?? (unit != NodeService.Unit || IsHidden || Health().IsServed ? new UnitState("active", HasJob: false)
            : _pid > 0 ? new UnitState("activating", HasJob: true)
            : new UnitState("inactive", HasJob: false));

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Log.Add(formatter(state, exception));

    private MountHealth Health()
    {
        string? version = Store.RunBy(_pid);
        if (version is not null && version == Restless)
        {
            StartProcess(version);
        }

        return new MountHealth("/var/lib/procfs", _pid == 0 ? HealthState.Unserved : IsHidden ? HealthState.Unmounted : version == Hanging ? HealthState.Starting : HealthState.Served, new DaemonState(_pid, TimeSpan.Zero, null), null);
    }

    private void StartProcess(string version)
    {
        _started++;
        _pid = version == Broken ? 0 : _started;
        Directory.CreateDirectory($"{Places.ProcRoot}/{_started}");
        File.CreateSymbolicLink($"{Places.ProcRoot}/{_started}/exe", $"{Places.Directory}/versions/{version}/procfs");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}

/// <summary>Nothing after it is done.</summary>
internal sealed class PowerFailure : Exception;
