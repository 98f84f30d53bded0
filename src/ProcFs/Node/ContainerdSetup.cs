using System.Globalization;
using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>containerd's runtime handler <c>procfs</c>: runc by way of this program.</summary>
internal sealed partial class ContainerdSetup(NodePlaces places, EngineOptions options, INodeServices? services, ILogger logger)
{
    private const string Socket = "/run/containerd/containerd.sock";
    private const string DropInName = "procfs.toml";
    private const int FirstThatMerges = 2;

    private static readonly TimeSpan SaysItsVersionWithin = TimeSpan.FromSeconds(30);

    private string File => places.On(options.ContainerdFile);

    /// <summary>Whether this node has containerd, or is said to have.</summary>
    public bool IsHere => options.Names is { } names
        ? names.Contains(EngineOptions.Containerd)
        : System.IO.File.Exists(File) || System.IO.File.Exists(places.On(Socket));

    /// <summary>What containerd says of itself, for example "containerd github.com/containerd/containerd v1.7.2 …"; null: it is not found.</summary>
    public Func<string?> AskVersion { get; init; } = () => NodeTool.Find("containerd") is { } program
        && NodeTool.Run([program, "--version"], SaysItsVersionWithin) is { ExitCode: 0 } said ? said.Output : null;

    /// <summary>Sees to it that it has the handler, and restarts it when that needed a change. Containers live through that.</summary>
    /// <exception cref="Failure">A file cannot be written, or containerd not restarted.</exception>
    public void Install()
    {
        if (Change() is { } file)
        {
            LogChanged(file, ContainerdText.Handler);
            Restart();
        }
    }

    /// <summary>Takes the handler away again.</summary>
    /// <exception cref="Failure">A file cannot be changed, or containerd not restarted.</exception>
    public void Uninstall()
    {
        bool hasChanged = false;
        if (NodeFile.Read(File) is { } text)
        {
            ContainerdText config = ContainerdText.Parse(text);
            string without = config.WithoutBlock();
            hasChanged = config.HasBlock && (without.Trim() == HeadOf(config.Version) ? NodeFile.Remove(File, _ => true) : NodeFile.Write(File, without));
            hasChanged |= config.ImportedDirectory(options.ContainerdFile) is { } directory && NodeFile.Remove(places.On($"{directory}/{DropInName}"), ContainerdText.IsOurDropIn);
        }

        if (hasChanged)
        {
            LogRemoved(ContainerdText.Handler);
            Restart();
        }
    }

    /// <summary>One line that says whether it has the handler, and what to add where when it has not.</summary>
    /// <param name="isReady">Whether pods of the RuntimeClass can be started.</param>
    public string Describe(out bool isReady)
    {
        ContainerdText config = ContainerdText.Parse(NodeFile.Read(File) ?? "");
        string? directory = config.ImportedDirectory(options.ContainerdFile);
        string? dropIn = directory is null ? null : NodeFile.Read(places.On($"{directory}/{DropInName}"));
        if (config.IsOld && NodeFile.Read(File) is not null)
        {
            isReady = false;
            return $"containerd: {options.ContainerdFile} is of version {config.Version}: bring it to version 2 (containerd config migrate)";
        }

        isReady = config.HasBlock || config.HasHandler || (dropIn is not null && ContainerdText.IsOurDropIn(dropIn));
        return isReady
            ? $"containerd: {options.ContainerdFile} has the runtime handler {ContainerdText.Handler}"
            : $"containerd: {options.ContainerdFile} has no runtime handler {ContainerdText.Handler}; say --containerd edit, or add this and restart it:\n{Missing(config)}";
    }

    /// <summary>The file that was changed; null: nothing had to be, or may be.</summary>
    private string? Change()
    {
        string? text = NodeFile.Read(File);
        ContainerdText config = ContainerdText.Parse(text ?? "");
        if (config.HasHandler)
        {
            LogForeign(options.ContainerdFile, ContainerdText.Handler);
            return null;
        }

        if (text is not null && config.IsOld)
        {
            LogOld(options.ContainerdFile, config.Version);
            return null;
        }

        // containerd 1.x puts an imported file's table of a plugin in the place of the whole one: all else that is said of CRI would be lost.
        if (config.ImportedDirectory(options.ContainerdFile) is { } directory && !config.HasBlock && MergesImports(config))
        {
            string dropIn = $"{directory}/{DropInName}";
            return NodeFile.Write(places.On(dropIn), ContainerdText.DropIn(config.Version, places.Runtime)) ? dropIn : null;
        }

        if (options.EditsContainerd || config.HasBlock)
        {
            ContainerdText whole = text is null ? ContainerdText.Parse(HeadOf(VersionForNew()) + "\n") : config;
            return NodeFile.Write(File, whole.WithBlock(places.Runtime)) ? options.ContainerdFile : null;
        }

        LogToDo(options.ContainerdFile, ContainerdText.Handler, Missing(config));
        return null;
    }

    private string Missing(ContainerdText config) => ContainerdText.Tables(NodeFile.Read(File) is null ? VersionForNew() : config.Version, places.Runtime);

    private void Restart()
    {
        if (services is null)
        {
            LogRestart(options.ContainerdUnit);
            return;
        }

        services.Control("restart", options.ContainerdUnit);
        LogRestarted(options.ContainerdUnit);
    }

    private bool MergesImports(ContainerdText config) => (MajorVersion() ?? (config.Version > 2 ? FirstThatMerges : 1)) >= FirstThatMerges;

    private int VersionForNew() => MajorVersion() >= FirstThatMerges ? 3 : 2;

    private static string HeadOf(int version) => string.Create(CultureInfo.InvariantCulture, $"version = {version}");

    /// <summary>The third word is the version: "v2.1.0", "1.6.20~ds1".</summary>
    private int? MajorVersion() => AskVersion()?.Split(' ') is [_, _, string version, ..]
        && int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) ? major : null;

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
