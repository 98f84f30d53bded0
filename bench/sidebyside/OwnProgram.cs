namespace ProcFs.Bench;

/// <summary>This program, for starting it again: here, and in containers.</summary>
internal static class OwnProgram
{
    private const string Inside = "/run/bench";

    public static string Path { get; } = Environment.ProcessPath ?? throw new InvalidOperationException("no path of this program");

    /// <summary>What a container needs to run it: the directory that it lies in, since a build that is not native has more files than one.</summary>
    public static (string Source, string Target) Bind => (System.IO.Path.GetDirectoryName(Path)!, Inside);

    /// <summary>Its name in a container that has <see cref="Bind"/>.</summary>
    public static string PathInside => $"{Inside}/{System.IO.Path.GetFileName(Path)}";
}
