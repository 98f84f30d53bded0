using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary><c>procfs node uninstall</c>: all that <see cref="NodeInstaller"/> did, taken away again. Running containers see the kernel's own files then.</summary>
internal sealed partial class NodeRemoval(NodePlaces places, INodeServices? services, EngineOptions engines, ILogger logger)
{
    // The shim keeps the runtime's program beside the bundle: "runtime" has its path, "options.json" the options of the handler. config.json names us where we
    // put a hook.
    private static readonly string[] NamingFiles = ["runtime", "options.json", "config.json"];

    private static readonly TimeSpan UnmountWithin = TimeSpan.FromSeconds(60);

    /// <summary>Takes the mounts off, and the files out of containers.</summary>
    public Action<string> Unmount { get; init; } = program =>
    {
        if (File.Exists(program) && NodeTool.Run([program, "serve", "--unmount"], UnmountWithin) is { ExitCode: not 0 } said)
        {
            throw new Failure(ExitCode.Failed, $"procfs serve --unmount did not end well: {said.Output.ReplaceLineEndings(" ")}");
        }
    };

    /// <summary>Does it.</summary>
    /// <returns>How many containers need the program still, because their end is the wrapper's task, too: then it is left, and this is to be called again.</returns>
    /// <exception cref="Failure">Something could not be removed.</exception>
    public int Run()
    {
        NodeInstaller installer = new(places, services, engines, logger);
        if (installer.Service is { Mount: var mount } && mount.Server() is > 0 and int pid && installer.Versions.RunBy(pid) is null)
        {
            throw new Failure(ExitCode.Impossible, $"process {pid} serves {Cli.RootOptions.DefaultMount} on this node, and procfs node did not install it: nothing is removed");
        }

        string? state = installer.Containerd.State;
        // The engines first: what starts from now on asks for nothing that is about to go.
        installer.Containerd.Uninstall();
        installer.Crio.Uninstall();
        if (installer.Service is null)
        {
            Unmount(places.On(places.Program));
        }
        else
        {
            installer.Service.Uninstall(() => Unmount(places.On(places.Program)));
        }

        new NodeConfiguration(places, logger).Uninstall();
        int left = CountWrapped(state);
        if (left > 0)
        {
            LogNeeded(places.Directory, left);
            return left;
        }

        installer.Versions.RemoveAll();
        NodeFile.RemoveTree(places.RunDirectory);
        NodeFile.RemoveEmpty(places.On(Cli.RootOptions.DefaultMount));
        if (Directory.Exists(places.On(places.Directory)))
        {
            LogStays(places.Directory);
        }
        else
        {
            LogRemoved(places.Directory);
        }

        return 0;
    }

    /// <summary>containerd's containers whose runtime is our wrapper: it is called for their end by the path that they were started with, also for those that got no files.</summary>
    private int CountWrapped(string? state)
        => PodContainers.StateDirectories(state).Select(places.On).SelectMany(NodeFile.DirectoriesIn).SelectMany(NodeFile.DirectoriesIn).Count(IsWrapped);

    private bool IsWrapped(string bundle) => NamingFiles.Select(file => NodeFile.Read($"{bundle}/{file}")?.Replace("\\/", "/", StringComparison.Ordinal))
        .Any(text => text is not null && (text.Contains(places.Runtime, StringComparison.Ordinal) || text.Contains(places.Program, StringComparison.Ordinal)));

    [LoggerMessage(1722, LogLevel.Information, "{Directory} removed: nothing is left on this node")]
    private partial void LogRemoved(string directory);

    [LoggerMessage(1704, LogLevel.Warning, "{Directory} stays, as it has something in it that procfs node did not put there, or is nothing that it made; nothing else is left on this node")]
    private partial void LogStays(string directory);

    [LoggerMessage(1723, LogLevel.Warning, "{Directory} is left: {Count} container(s) were started by way of it, and their end is its task, too; say this again when they are gone")]
    private partial void LogNeeded(string directory, int count);
}
