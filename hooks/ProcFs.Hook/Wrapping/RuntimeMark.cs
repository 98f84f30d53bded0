using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Hook.Wrapping;

/// <summary>
/// A mark in the environment of a process that was this program before it became something else: a second copy of this program, or a script that
/// calls it, is no runtime, and each would become the other for ever. Execution keeps the pid; a child that inherits the mark has another one.
/// </summary>
internal static class RuntimeMark
{
    public const string Name = "PROCFS_RUNTIME";

    private static string Own => Environment.ProcessId.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether this very process has been here before.</summary>
    public static bool IsOurs() => Environment.GetEnvironmentVariable(Name) == Own;

    /// <summary>For the program that this process becomes. Without memory for it there is no mark, and no less of a runtime.</summary>
    public static void Set() => _ = Libc.SetEnvironment(Name, Own);
}
