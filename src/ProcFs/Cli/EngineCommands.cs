using System.CommandLine;
using ProcFs.Hook;

namespace ProcFs.Cli;

/// <summary>
/// The verbs with command lines of their own, for the list of verbs only: <see cref="HookProgram"/> and <see cref="Lxcfs.LxcfsProgram"/> run them before a command line of this kind is even made.
/// </summary>
internal static class EngineCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Of("hook", "Gets the files into a container that is being started: an OCI hook, or one of LXC."),
        Of("runtime", "Stands in the place of runc or crun, and has each new container get its files."),
        Of("lxcfs", "Takes lxcfs's place, with its command line and its directory."),
    ];

    /// <summary>What one of them says about itself when it is asked for help; null: it is none of them.</summary>
    public static string? UsageOf(string verb) => verb switch
    {
        "hook" => HookProgram.HookUsage,
        "runtime" => HookProgram.RuntimeUsage,
        Lxcfs.LxcfsProgram.Name => Lxcfs.LxcfsOptions.Usage,
        _ => null,
    };

    private static Command Of(string verb, string description)
    {
        Command command = new(verb, description) { TreatUnmatchedTokensAsErrors = false };
        command.SetAction((Action<ParseResult>)(_ => throw new Failure(ExitCode.WrongUse, $"options of {verb} come behind it: see procfs {verb} --help")));
        return command;
    }
}
