using System.Runtime.CompilerServices;

namespace ProcFs.Tests.Support;

/// <summary>The captured hosts beside this project.</summary>
internal static class Fixtures
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(SourceDirectory(), "../../fixtures"));

    /// <summary>The repository.</summary>
    public static string Repository { get; } = Path.GetFullPath(Path.Combine(Root, "../.."));

    private static string SourceDirectory([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
