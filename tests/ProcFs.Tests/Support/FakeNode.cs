using System.Text;
using Microsoft.Extensions.Logging;
using ProcFs.Node;

namespace ProcFs.Tests.Support;

/// <summary>A node in a temporary directory, with a systemd that notes what it is told, and a program that says its version and serves as soon as it is started.</summary>
internal sealed class FakeNode : INodeServices, ILogger, IDisposable
{
    private const int ServerPid = 4711;

    private readonly string _root = Directory.CreateTempSubdirectory("procfs-node-").FullName;
    private bool _isServing;

    public FakeNode()
    {
        Places = new NodePlaces(NodePlaces.DefaultDirectory, _root);
        Directory.CreateDirectory(Places.On("/etc"));
        Directory.CreateDirectory($"{Places.ProcRoot}/{ServerPid}");
        Store = new VersionStore(Places);
    }

    public NodePlaces Places { get; }

    public VersionStore Store { get; }

    /// <summary>What systemd was told, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What was logged.</summary>
    public List<string> Log { get; } = [];

    /// <summary>A version whose service never gets ready.</summary>
    public string? Broken { get; set; }

    /// <summary>How the handler gets into containerd's configuration.</summary>
    public EngineOptions Engines { get; set; } = new(null, EditsContainerd: false, EngineOptions.DefaultContainerdFile, "containerd");

    /// <summary>What systemd is told in vain; null: it does all.</summary>
    public string? Refuses { get; set; }

    /// <summary>What containerd --version says.</summary>
    public string? ContainerdVersion { get; set; }

    /// <summary>The version that the running process was started from; null: nobody serves.</summary>
    public string? Serving => _isServing ? Store.RunBy(ServerPid) : null;

    /// <summary>A program that says a version.</summary>
    public static byte[] Program(string version, string more = "") => Encoding.UTF8.GetBytes($"#!/bin/sh\necho {version}\n# {more}\n");

    public NodeInstaller Installer() => new(Places, this, Engines, this)
    {
        Service = new NodeService(Places, Store, this, this) { Server = () => _isServing ? ServerPid : 0, ServesWithin = TimeSpan.FromMilliseconds(200), FirstServesWithin = TimeSpan.FromMilliseconds(200) },
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
    public void Kill() => _isServing = false;

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
            case ["restart" or "start", NodeService.Unit]:
                string version = Store.Current!;
                _isServing = version != Broken;
                string link = $"{Places.ProcRoot}/{ServerPid}/exe";
                File.Delete(link);
                File.CreateSymbolicLink(link, $"{Places.Directory}/versions/{version}/procfs");
                break;
            case ["stop", NodeService.Unit]:
                _isServing = false;
                break;
            case ["enable", ..]:
                Write("/etc/systemd/system/multi-user.target.wants/procfs.service", "");
                break;
            case ["disable", ..]:
                Directory.Delete(Places.On("/etc/systemd/system/multi-user.target.wants"), recursive: true);
                break;
        }
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Log.Add(formatter(state, exception));

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
