using ProcFs.Interop;

namespace ProcFs.Hook;

/// <summary>The file of this program, for starting it again.</summary>
public static class OwnProgram
{
    /// <summary>
    /// As it was started, absolute. Not what /proc/self/exe says: /proc may be another machine's, and after an upgrade the link names a file
    /// that is deleted, where the new one is meant.
    /// </summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        string? executed = Libc.ExecutedFile();
        return executed is { Length: > 0 } && File.Exists(executed) ? System.IO.Path.GetFullPath(executed) : Environment.ProcessPath ?? executed ?? "procfs";
    }
}
