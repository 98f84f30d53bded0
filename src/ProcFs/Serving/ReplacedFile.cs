namespace ProcFs.Serving;

/// <summary>Small text files of the run directory that are replaced as a whole: a reader sees the old one or the new one.</summary>
internal static class ReplacedFile
{
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, string text)
    {
        string temporary = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(temporary, text);
        File.Move(temporary, path, overwrite: true);
    }
}
