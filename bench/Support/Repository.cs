namespace ProcFs.Bench;

/// <summary>Where this repository is checked out: the directory with build.sh, above the program or the working directory.</summary>
internal static class Repository
{
    public static string Path { get; } = Find(AppContext.BaseDirectory) ?? Find(Environment.CurrentDirectory) ?? Environment.CurrentDirectory;

    private static string? Find(string start)
    {
        DirectoryInfo? top = new(start);
        while (top is not null && !File.Exists(System.IO.Path.Combine(top.FullName, "build.sh")))
        {
            top = top.Parent;
        }

        return top?.FullName;
    }
}
