using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>CRI-O's hook file, and a drop-in that has it look where the file is, where it does not already. Both below /etc, which is writable on nodes whose /usr is not.</summary>
internal sealed partial class CrioSetup(NodePlaces places, EngineOptions options, INodeServices? services, ILogger logger)
{
    private const string Unit = "crio";
    private const string HookFile = CrioHooksDir.Ours + "/50-procfs.json";
    private const string RestartAct = "restart-crio";

    private readonly PendingActs _pending = new(places);
    private readonly CrioHooksDir _directories = new(places);
    private readonly OnceTold _told = new();

    /// <summary>Whether this node has CRI-O, or is said to have.</summary>
    public bool IsHere => options.Names is { } names ? names.Contains(EngineOptions.Crio) : Directory.Exists(places.On("/etc/crio")) || File.Exists(places.On("/run/crio/crio.sock"));

    /// <summary>Sees to it that it has the hook, and restarts it when that needed a change. A hook file of somebody else stays.</summary>
    /// <exception cref="Failure">A file cannot be written, or CRI-O not restarted.</exception>
    public void Install()
    {
        string? hook = NodeFile.Read(places.On(HookFile));
        if (hook is not null && !CrioHookFile.IsOurs(hook))
        {
            _told.Tell(HookFile, () => LogForeign(HookFile, places.Program));
            return;
        }

        string wanted = CrioHookFile.For(places.Program);
        string? dropIn = _directories.Wanted();
        _pending.Do(RestartAct, hook != wanted || OurDropIn() != dropIn, () =>
        {
            NodeFile.Write(places.On(HookFile), wanted);
            _ = dropIn is null ? NodeFile.Remove(places.On(CrioHooksDir.DropIn), CrioHooksDir.IsOurs) : NodeFile.Write(places.On(CrioHooksDir.DropIn), dropIn);
            LogChanged(HookFile);
        }, Restart);
        if (_directories.OverruledBy() is { } later)
        {
            _told.Tell(later, () => LogOverruled(later, CrioHooksDir.DropIn, CrioHooksDir.Ours));
        }
    }

    /// <summary>Takes the hook away again.</summary>
    /// <exception cref="Failure">A file cannot be removed, or CRI-O not restarted.</exception>
    public void Uninstall()
    {
        string? hook = NodeFile.Read(places.On(HookFile));
        bool isForeign = hook is not null && !CrioHookFile.IsOurs(hook);
        if (isForeign && hook!.Contains(places.Program, StringComparison.Ordinal))
        {
            LogForeign(HookFile, places.Program);
        }

        _pending.Do(RestartAct, (hook is not null && !isForeign) || OurDropIn() is not null, () =>
        {
            NodeFile.Remove(places.On(HookFile), CrioHookFile.IsOurs);
            NodeFile.Remove(places.On(CrioHooksDir.DropIn), CrioHooksDir.IsOurs);
            LogRemoved(HookFile);
        }, Restart);
    }

    /// <summary>One line that says whether it has the hook.</summary>
    public string Describe(out bool isReady)
    {
        string? later = _directories.OverruledBy();
        isReady = later is null && NodeFile.Read(places.On(HookFile)) is { Length: > 0 };
        return later is not null ? $"cri-o: {later} leaves {CrioHooksDir.Ours} out of hooks_dir: add it there"
            : isReady ? $"cri-o: {HookFile} is there" : $"cri-o: {HookFile} is missing";
    }

    private string? OurDropIn() => NodeFile.Read(places.On(CrioHooksDir.DropIn)) is { } text && CrioHooksDir.IsOurs(text) ? text : null;

    private void Restart()
    {
        if (services is null)
        {
            LogRestart();
            return;
        }

        if (new EngineRestart(_pending, RestartAct, services, Unit, logger).Run())
        {
            LogRestarted();
        }
    }

    [LoggerMessage(1741, LogLevel.Information, "cri-o: {File} is there now")]
    private partial void LogChanged(string file);

    [LoggerMessage(1742, LogLevel.Information, "cri-o: {File} is taken away")]
    private partial void LogRemoved(string file);

    [LoggerMessage(1743, LogLevel.Information, "restarted crio, which its containers live through")]
    private partial void LogRestarted();

    [LoggerMessage(1744, LogLevel.Warning, "restart crio by the node's own means: its configuration has changed, and there is no systemd")]
    private partial void LogRestart();

    [LoggerMessage(1745, LogLevel.Warning, "cri-o: {File} was written by somebody else and stays as it is: see to it that it runs {Program}, or remove it")]
    private partial void LogForeign(string file, string program);

    [LoggerMessage(1746, LogLevel.Warning, "cri-o: hooks_dir of {File} counts more than that of {DropIn}, and leaves {Directory} out: add it there, or no pod gets its files")]
    private partial void LogOverruled(string file, string dropIn, string directory);
}
