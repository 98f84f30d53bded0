using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary><c>procfs node uninstall</c>: all that <see cref="NodeInstaller"/> did, taken away again. Running containers see the kernel's own files then.</summary>
internal sealed partial class NodeRemoval(NodePlaces places, INodeServices? services, EngineOptions engines, ILogger logger)
{
    private const string ContainerdState = "/run/containerd/io.containerd.runtime.v2.task";

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
        if (installer.Service is { Server: var server } && server() is > 0 and int pid && installer.Versions.RunBy(pid) is null)
        {
            throw new Failure(ExitCode.Impossible, $"process {pid} serves {Cli.RootOptions.DefaultMount} on this node, and procfs node did not install it: nothing is removed");
        }

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
        int left = CountWrapped();
        if (left > 0)
        {
            LogNeeded(places.Directory, left);
            return left;
        }

        NodeFile.RemoveTree(places.On(places.Directory));
        NodeFile.RemoveTree(places.RunDirectory);
        NodeFile.RemoveEmpty(places.On(Cli.RootOptions.DefaultMount));
        LogRemoved(places.Directory);
        return 0;
    }

    /// <summary>containerd's containers whose runtime is our wrapper: it is called for their end by the path that they were started with.</summary>
    private int CountWrapped()
    {
        int count = 0;
        foreach (string bundle in PodContainers.Directories(places.On(ContainerdState)).SelectMany(PodContainers.Directories))
        {
            string? config = NodeFile.Read(bundle + "/config.json");
            count += config?.Contains(places.Runtime, StringComparison.Ordinal) == true || config?.Contains(places.Program, StringComparison.Ordinal) == true ? 1 : 0;
        }

        return count;
    }

    [LoggerMessage(1722, LogLevel.Information, "{Directory} removed: nothing is left on this node")]
    private partial void LogRemoved(string directory);

    [LoggerMessage(1723, LogLevel.Warning, "{Directory} is left: {Count} container(s) were started by way of it, and their end is its task, too; say this again when they are gone")]
    private partial void LogNeeded(string directory, int count);
}
