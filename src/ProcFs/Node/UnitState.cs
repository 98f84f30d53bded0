namespace ProcFs.Node;

/// <summary>How a unit of the node's service manager is. One that is neither up nor down is on its way, or it could not be asked for.</summary>
/// <param name="Active">systemd's ActiveState; empty: it did not say.</param>
/// <param name="HasJob">What it was told to do with it is not done yet.</param>
/// <param name="IsRestarting">It ended by itself, and systemd is about to start it again.</param>
internal readonly record struct UnitState(string Active, bool HasJob, bool IsRestarting = false)
{
    /// <summary>It has started, and by its own word where it gives one (Type=notify).</summary>
    public bool IsUp => !HasJob && Active == "active";

    /// <summary>Nothing of it runs, and nothing is about to.</summary>
    public bool IsDown => !HasJob && Active is ("inactive" or "failed");

    /// <summary>From lines NAME=VALUE, as systemctl show has them.</summary>
    public static UnitState Parse(string text)
    {
        string Value(string name) => text.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..] ?? "";

        return new UnitState(Value("ActiveState="), Value("Job=") is not ("" or "0"), Value("SubState=").StartsWith("auto-restart", StringComparison.Ordinal)); // the job's line is missing when there is none
    }
}
