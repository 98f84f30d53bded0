namespace ProcFs.Hook.Hooking;

/// <summary>
/// What LXC tells its hooks (lxc.container.conf(5)): with lxc.hook.version 0 by arguments, name, section and type; with version 1 by environment alone.
/// The pid comes by the environment in both.
/// </summary>
/// <param name="Name">The container's.</param>
/// <param name="Type">"start-host", "post-stop" and so on.</param>
/// <param name="Pid">Its first process; 0: not told.</param>
internal sealed record LxcCall(string Name, string Type, int Pid)
{
    /// <param name="words">What LXC added to the command line.</param>
    /// <param name="environment">The value of a variable; null when it is not set.</param>
    public static LxcCall From(IReadOnlyList<string> words, Func<string, string?> environment)
    {
        string name = words.Count > 0 ? words[0] : environment("LXC_NAME") ?? "";
        string type = words.Count > 2 ? words[2] : environment("LXC_HOOK_TYPE") ?? "";
        bool isPid = int.TryParse(environment("LXC_PID"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int pid);
        return new LxcCall(name, type, isPid ? pid : 0);
    }
}
