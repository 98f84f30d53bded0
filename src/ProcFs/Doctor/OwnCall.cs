using ProcFs.Hook;
using ProcFs.Node;

namespace ProcFs.Doctor;

/// <summary>
/// What this program is where a file of an engine has it called: by its name (procfs-hook, procfs-runtime), else by its first argument. One of the two has to say it; where neither
/// does it is the command line, which knows no such options and fails; where both do, the second is an argument that nobody knows.
/// </summary>
internal static class OwnCall
{
    /// <summary>The name under which it is nothing by itself.</summary>
    public const string PlainName = "procfs";

    /// <summary>Whether the first argument says that it is to be a runtime.</summary>
    public static bool SaysRuntime(IReadOnlyList<string> arguments) => arguments is ["runtime", ..];

    /// <summary>Whether an engine gets a runtime.</summary>
    /// <param name="program">As the engine calls it.</param>
    /// <param name="arguments">Those that come before the engine's own.</param>
    public static bool IsRuntime(string program, IReadOnlyList<string> arguments)
        => (Path.GetFileName(program) == HookProgram.RuntimeName) != SaysRuntime(arguments);

    /// <summary>Whether an engine gets a hook.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">All of them, its name in front; with none, the path is its name.</param>
    public static bool IsHook(string program, IReadOnlyList<string> arguments)
        => (Path.GetFileName(arguments is [string name, ..] ? name : program) == HookProgram.HookName) != arguments is [_, "hook", ..];

    /// <summary>The path of the program that runs, under a name that goes with these arguments of a runtime.</summary>
    public static string Runtime(IReadOnlyList<string> arguments) => SaysRuntime(arguments) ? OwnCommands.ProgramPath : ContainerdTables.RuntimeBeside(OwnCommands.ProgramPath);

    /// <summary>The path of the program that runs, under a name by which it is a hook without any argument.</summary>
    public static string HookAlone => $"{Path.GetDirectoryName(OwnCommands.ProgramPath)}/{HookProgram.HookName}";

    /// <summary>A command, with " &amp;&amp; " behind, that gives the program that runs such a name, where it has not got it yet; or empty.</summary>
    public static string Link(DoctorHost host, string path)
        => path == OwnCommands.ProgramPath || host.Files.IsProgram(path) ? "" : $"ln -sf {ShellWord.Quote(OwnCommands.ProgramPath)} {ShellWord.Quote(path)} && ";
}
