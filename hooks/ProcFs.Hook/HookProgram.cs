using ProcFs.Hook.Hooking;
using ProcFs.Hook.Wrapping;

namespace ProcFs.Hook;

/// <summary>
/// The verbs that engines call at every start of a container: they are dealt with before anything else of the program is touched, since the whole
/// call shall take milliseconds.
/// </summary>
public static class HookProgram
{
    /// <summary>The name under which the program is the verb "hook".</summary>
    public const string HookName = "procfs-hook";

    /// <summary>The name under which the program is the verb "runtime", switched on: for engines that can give a runtime a path, but no arguments.</summary>
    public const string RuntimeName = "procfs-runtime";

    /// <summary>What <c>procfs hook --help</c> says.</summary>
    public static string HookUsage => HookOptions.Usage;

    /// <summary>What <c>procfs runtime --help</c> says.</summary>
    public static string RuntimeUsage => RuntimeOptions.Usage;

    /// <summary>Runs the program when it was called as one of these; null: it was called for something else.</summary>
    /// <param name="arguments">Without the program's name.</param>
    public static int? Run(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        string called = Environment.GetCommandLineArgs() is [string first, ..] ? first : "";
        return Path.GetFileName(called) switch
        {
            HookName => HookCommand.Run(arguments),
            RuntimeName => RuntimeCommand.Run(called, arguments, isEnabled: true),
            _ => arguments switch
            {
                ["hook", ..] => HookCommand.Run(arguments[1..]),
                ["runtime", ..] => RuntimeCommand.Run(null, arguments[1..], isEnabled: false),
                _ => null,
            },
        };
    }
}
