using System.Globalization;
using System.IO.Enumeration;
using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>containerd's runtime handler <c>procfs</c>: runc by way of this program.</summary>
internal sealed partial class ContainerdSetup(NodePlaces places, EngineOptions options, INodeServices? services, ILogger logger)
{
    private const string Socket = "/run/containerd/containerd.sock";
    private const string RestartAct = "restart-containerd";

    private readonly PendingActs _pending = new(places);
    private readonly OnceTold _told = new();

    private string File => places.On(options.ContainerdFile);

    /// <summary>Whether this node has containerd, or is said to have.</summary>
    public bool IsHere => options.Names is { } names
        ? names.Contains(EngineOptions.Containerd)
        : System.IO.File.Exists(File) || System.IO.File.Exists(places.On(Socket));

    /// <summary><see cref="ContainerdProgram.Ask"/>.</summary>
    public Func<string?> AskVersion { get; init; } = new ContainerdProgram().Ask;

    /// <summary>Sees to it that it has the handler, and restarts it when that needed a change. Containers live through that.</summary>
    /// <exception cref="Failure">A file cannot be written, or containerd not restarted.</exception>
    public void Install()
    {
        (string Path, string Text)? change = Change();
        _pending.Do(RestartAct, change is { } wanted && NodeFile.Read(places.On(wanted.Path)) != wanted.Text, () =>
        {
            NodeFile.Write(places.On(change!.Value.Path), change.Value.Text);
            LogChanged(change.Value.Path, ContainerdText.Handler);
        }, Restart);
    }

    /// <summary>Takes the handler away again.</summary>
    /// <exception cref="Failure">It is the default of all pods, a file cannot be changed, or containerd not restarted.</exception>
    public void Uninstall()
    {
        ContainerdText config = ContainerdText.Parse(NodeFile.Read(File) ?? "");
        string? dropIn = DropIn(config);
        bool hasDropIn = dropIn is not null && NodeFile.Read(places.On(dropIn)) is { } there && ContainerdText.IsOurDropIn(there);
        if (config.HasBlock || hasDropIn)
        {
            RefuseDefault(config);
        }

        _pending.Do(RestartAct, config.HasBlock || hasDropIn, () =>
        {
            string without = config.WithoutBlock();
            _ = config.HasBlock && (without.Trim() == HeadOf(config.Version) ? NodeFile.Remove(File, _ => true) : NodeFile.Write(File, without));
            _ = hasDropIn && NodeFile.Remove(places.On(dropIn!), ContainerdText.IsOurDropIn);
            LogRemoved(ContainerdText.Handler);
        }, Restart);
    }

    /// <summary>Where this containerd keeps the bundles of what runs; null: where all do.</summary>
    public string? State => ContainerdText.Parse(NodeFile.Read(File) ?? "").State;

    /// <summary>One line that says whether it has the handler, and what to add where when it has not.</summary>
    /// <param name="isReady">Whether pods of the RuntimeClass can be started.</param>
    public string Describe(out bool isReady)
    {
        ContainerdText config = ContainerdText.Parse(NodeFile.Read(File) ?? "");
        string? dropIn = DropIn(config) is { } path ? NodeFile.Read(places.On(path)) : null;
        if (config.IsOld && NodeFile.Read(File) is not null)
        {
            isReady = false;
            return $"containerd: {options.ContainerdFile} is of version {config.Version}: bring it to version 2 (containerd config migrate)";
        }

        isReady = config.HasBlock || Others(config).Any(other => other.Text.HasHandler) || (dropIn is not null && ContainerdText.IsOurDropIn(dropIn));
        return isReady
            ? $"containerd: {options.ContainerdFile} has the runtime handler {ContainerdText.Handler}"
            : $"containerd: {options.ContainerdFile} has no runtime handler {ContainerdText.Handler}; say --containerd edit, or add this and restart it:\n{Missing(config)}";
    }

    /// <summary>The file, and what it is to say; null: none may be changed.</summary>
    private (string Path, string Text)? Change()
    {
        string? text = NodeFile.Read(File);
        ContainerdText config = ContainerdText.Parse(text ?? "");
        if (Others(config).FirstOrDefault(other => other.Text.HasHandler) is { Path: { } foreign })
        {
            _told.Tell("foreign", () => LogForeign(foreign, ContainerdText.Handler));
            return null;
        }

        if (text is not null && config.IsOld)
        {
            _told.Tell("old", () => LogOld(options.ContainerdFile, config.Version));
            return null;
        }

        // containerd 1.x puts an imported file's table of a plugin in the place of the whole one: all else that is said of CRI would be lost.
        if (DropIn(config) is { } dropIn && !config.HasBlock && MergesImports(config))
        {
            return (dropIn, ContainerdText.DropIn(config.Version, Tables(config)));
        }

        if (options.EditsContainerd || config.HasBlock)
        {
            ContainerdText whole = text is null ? ContainerdText.Parse(HeadOf(VersionForNew()) + "\n") : config;
            return (options.ContainerdFile, whole.WithBlock(Tables(whole)));
        }

        string missing = Missing(config);
        _told.Tell(missing, () => LogToDo(options.ContainerdFile, ContainerdText.Handler, missing));
        return null;
    }

    private string Missing(ContainerdText config) => Tables(config, NodeFile.Read(File) is null ? VersionForNew() : config.Version);

    private string Tables(ContainerdText config, int? version = null)
    {
        string? written = config.HasBlock ? NodeFile.Read(File) : DropIn(config) is { } dropIn ? NodeFile.Read(places.On(dropIn)) : null;
        return new ContainerdHandler([.. Others(config).Select(other => other.Text)], ContainerdText.OfBlock(written ?? "")).Tables(version ?? config.Version, places.Runtime);
    }

    /// <summary>The configuration without our block, and what it imports but for our file, with their paths on the node. The first one that says something counts.</summary>
    private IEnumerable<(string Path, ContainerdText Text)> Others(ContainerdText config)
    {
        foreach (string pattern in config.Imports.Reverse())
        {
            if (ContainerdText.Imported(pattern, options.ContainerdFile) is not var (directory, names))
            {
                continue;
            }

            foreach (string file in NodeFile.FilesIn(places.On(directory)).Where(file => FileSystemName.MatchesSimpleExpression(names, Path.GetFileName(file), ignoreCase: false)).OrderDescending(StringComparer.Ordinal))
            {
                // A file of ours has nothing left without its block.
                yield return (file[places.Root.Length..], ContainerdText.Parse(NodeFile.Read(file) ?? ""));
            }
        }

        yield return (options.ContainerdFile, config);
    }

    /// <summary>CRI does not start with a default that nobody defines, and the node with it.</summary>
    private void RefuseDefault(ContainerdText config)
    {
        (string Path, ContainerdText Text)[] others = [.. Others(config)];
        if (!others.Any(other => other.Text.HasHandler) && others.FirstOrDefault(other => other.Text.DefaultRuntime == ContainerdText.Handler) is { Path: { } path })
        {
            throw new Failure(ExitCode.Impossible, $"{path} says default_runtime_name = \"{ContainerdText.Handler}\", and containerd serves no pods without that handler: take the line out, restart containerd, then try again; nothing is removed");
        }
    }

    private string? DropIn(ContainerdText config) => config.ImportedDirectory(options.ContainerdFile) is { } directory ? $"{directory}/{ContainerdText.DropInName}" : null;

    private void Restart()
    {
        if (services is null)
        {
            LogRestart(options.ContainerdUnit);
            return;
        }

        if (new EngineRestart(_pending, RestartAct, services, options.ContainerdUnit, logger).Run())
        {
            LogRestarted(options.ContainerdUnit);
        }
    }

    private bool MergesImports(ContainerdText config) => (ContainerdProgram.MajorVersion(AskVersion()) ?? (config.Version > 2 ? ContainerdProgram.FirstThatMerges : 1)) >= ContainerdProgram.FirstThatMerges;

    private int VersionForNew() => ContainerdProgram.MajorVersion(AskVersion()) >= ContainerdProgram.FirstThatMerges ? 3 : 2;

    private static string HeadOf(int version) => string.Create(CultureInfo.InvariantCulture, $"version = {version}");

    [LoggerMessage(1731, LogLevel.Information, "containerd: {File} has the runtime handler {Handler} now")]
    private partial void LogChanged(string file, string handler);

    [LoggerMessage(1732, LogLevel.Information, "containerd: the runtime handler {Handler} is taken away")]
    private partial void LogRemoved(string handler);

    [LoggerMessage(1733, LogLevel.Information, "containerd: {File} has a runtime handler {Handler} of its own: it stays as it is")]
    private partial void LogForeign(string file, string handler);

    [LoggerMessage(1734, LogLevel.Warning, "containerd: {File} is of version {Version}, which has no runtime handlers as a RuntimeClass needs them: bring it to version 2 (containerd config migrate)")]
    private partial void LogOld(string file, int version);

    [LoggerMessage(1735, LogLevel.Warning, "containerd: {File} has no runtime handler {Handler}, and imports no file that could add it: say --containerd edit, or add this and restart it: {Tables}")]
    private partial void LogToDo(string file, string handler, string tables);

    [LoggerMessage(1736, LogLevel.Information, "restarted {Unit}, which its containers live through")]
    private partial void LogRestarted(string unit);

    [LoggerMessage(1737, LogLevel.Warning, "restart {Unit} by the node's own means: its configuration has changed, and there is no systemd")]
    private partial void LogRestart(string unit);
}
