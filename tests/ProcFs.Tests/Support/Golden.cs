namespace ProcFs.Tests.Support;

/// <summary>Compares with a file of the repository. UPDATE_GOLDEN=1 rewrites it instead; the diff is then reviewed like code.</summary>
internal static class Golden
{
    public static void AssertEqual(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual, System.Text.Encoding.Latin1);
        }

        Assert.True(File.Exists(path), $"there is no {path}; make it with ./build.sh golden and review it");
        Assert.Equal(File.ReadAllText(path, System.Text.Encoding.Latin1), actual);
    }
}
