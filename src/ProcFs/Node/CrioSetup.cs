using System.Text;
using Microsoft.Extensions.Logging;
using ProcFs.Text;

namespace ProcFs.Node;

/// <summary>CRI-O's hook file, and a drop-in that has it look where the file is. Both below /etc, which is writable on nodes whose /usr is not.</summary>
internal sealed partial class CrioSetup(NodePlaces places, EngineOptions options, INodeServices? services, ILogger logger)
{
    private const string Unit = "crio";
    private const string HookFile = "/etc/containers/oci/hooks.d/50-procfs.json";
    private const string DropIn = "/etc/crio/crio.conf.d/10-procfs.conf";
    private const string DropInText = """
        # Installed by procfs node.
        [crio.runtime]
        hooks_dir = [
          "/usr/share/containers/oci/hooks.d",
          "/etc/containers/oci/hooks.d",
        ]

        """;

    private const string RestartAct = "restart-crio";

    private readonly PendingActs _pending = new(places);

    /// <summary>Whether this node has CRI-O, or is said to have.</summary>
    public bool IsHere => options.Names is { } names ? names.Contains(EngineOptions.Crio) : Directory.Exists(places.On("/etc/crio")) || File.Exists(places.On("/run/crio/crio.sock"));

    /// <summary>Sees to it that it has the hook, and restarts it when that needed a change.</summary>
    /// <exception cref="Failure">A file cannot be written, or CRI-O not restarted.</exception>
    public void Install()
    {
        bool wouldChange = NodeFile.Read(places.On(HookFile)) != Hook(places.Program) || NodeFile.Read(places.On(DropIn)) != DropInText;
        _pending.Do(RestartAct, wouldChange, () =>
        {
            NodeFile.Write(places.On(HookFile), Hook(places.Program));
            NodeFile.Write(places.On(DropIn), DropInText);
            LogChanged(HookFile);
        }, Restart);
    }

    /// <summary>Takes the hook away again.</summary>
    /// <exception cref="Failure">A file cannot be removed, or CRI-O not restarted.</exception>
    public void Uninstall()
    {
        bool wouldChange = NodeFile.Read(places.On(HookFile)) == Hook(places.Program) || NodeFile.Read(places.On(DropIn)) == DropInText;
        _pending.Do(RestartAct, wouldChange, () =>
        {
            NodeFile.Remove(places.On(HookFile), text => text == Hook(places.Program));
            NodeFile.Remove(places.On(DropIn), text => text == DropInText);
            LogRemoved(HookFile);
        }, Restart);
    }

    /// <summary>One line that says whether it has the hook.</summary>
    public string Describe(out bool isReady)
    {
        isReady = NodeFile.Read(places.On(HookFile)) is not null;
        return isReady ? $"cri-o: {HookFile} is there" : $"cri-o: {HookFile} is missing";
    }

    /// <summary>The hook file, as podman and CRI-O have it (oci-hooks(5), version 1.0.0).</summary>
    internal static string Hook(string program) => Encoding.UTF8.GetString(JsonText.Format(json =>
    {
        json.WriteStartObject();
        json.WriteString("version", "1.0.0");
        json.WriteStartObject("hook");
        json.WriteString("path", program);
        json.WriteStartArray("args");
        json.WriteStringValue("procfs");
        json.WriteStringValue("hook");
        json.WriteEndArray();
        json.WriteNumber("timeout", 5);
        json.WriteEndObject();
        json.WriteStartObject("when");
        json.WriteBoolean("always", true);
        json.WriteEndObject();
        json.WriteStartArray("stages");
        json.WriteStringValue("createRuntime");
        json.WriteStringValue("poststop");
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    private void Restart()
    {
        if (services is null)
        {
            LogRestart();
            return;
        }

        services.Control("restart", Unit);
        LogRestarted();
    }

    [LoggerMessage(1741, LogLevel.Information, "cri-o: {File} is there now")]
    private partial void LogChanged(string file);

    [LoggerMessage(1742, LogLevel.Information, "cri-o: {File} is taken away")]
    private partial void LogRemoved(string file);

    [LoggerMessage(1743, LogLevel.Information, "restarted crio, which its containers live through")]
    private partial void LogRestarted();

    [LoggerMessage(1744, LogLevel.Warning, "restart crio by the node's own means: its configuration has changed, and there is no systemd")]
    private partial void LogRestart();
}
