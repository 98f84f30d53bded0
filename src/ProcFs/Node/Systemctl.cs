namespace ProcFs.Node;

/// <summary>systemd, by the node's own systemctl(1), which speaks to it by a socket of root's alone.</summary>
internal sealed class Systemctl : INodeServices
{
    /// <summary>systemd itself gives a start 20 s, and an end 10 s.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    private readonly string _program;

    private Systemctl(string program) => _program = program;

    /// <summary>Null: systemd is not this node's process 1.</summary>
    /// <exception cref="Failure">It is, and there is no systemctl.</exception>
    public static Systemctl? Find()
    {
        if (!Directory.Exists("/run/systemd/system")) // sd_booted(3)
        {
            return null;
        }

        return new Systemctl(NodeTool.Find("systemctl")
            ?? throw new Failure(ExitCode.Impossible, "systemd runs on this node, and systemctl is nowhere to be found: install procfs by the node's own means"));
    }

    public void Control(params string[] words)
    {
        ToolResult result = NodeTool.Run([_program, "--no-ask-password", "--no-pager", .. words], Within);
        if (result.ExitCode != 0)
        {
            string how = result.ExitCode is null ? $"took longer than {Within.TotalSeconds:0} s" : $"failed: {result.Output.ReplaceLineEndings(" ")}";
            throw new Failure(ExitCode.Failed, $"systemctl {string.Join(' ', words)} {how}");
        }
    }

    public void Begin(params string[] words) => Control([.. words, "--no-block"]);

    public UnitState StateOf(string unit)
    {
        ToolResult result = NodeTool.Run([_program, "--no-pager", "show", "--property=ActiveState", "--property=SubState", "--property=Job", unit], Within);
        return UnitState.Parse(result.ExitCode == 0 ? result.Output : "");
    }
}
