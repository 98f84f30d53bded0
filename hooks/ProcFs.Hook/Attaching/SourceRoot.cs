namespace ProcFs.Hook.Attaching;

/// <summary>What the root field of mountinfo begins with for files of a source directory: "/c/7" for …/c/7, "/common" for …/common.</summary>
internal static class SourceRoot
{
    /// <exception cref="ArgumentException">It is neither.</exception>
    public static string Of(string sourceDirectory)
    {
        string directory = Path.TrimEndingDirectorySeparator(sourceDirectory);
        int last = directory.LastIndexOf('/');
        int start = directory.AsSpan(last + 1) is "common" ? last : directory.LastIndexOf("/c/", StringComparison.Ordinal);
        return start >= 0 ? directory[start..] : throw new ArgumentException($"{directory} is no directory with files to attach: it ends neither in /common nor in /c/NUMBER");
    }
}
