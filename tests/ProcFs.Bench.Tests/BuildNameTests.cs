namespace ProcFs.Bench.Tests;

public sealed class BuildNameTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("procfs-build-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_soak_run_is_carried_on_after_the_same_was_built_again_and_not_with_another_program()
    {
        string first = Write("first", "program 1", DateTime.UtcNow.AddDays(-1)), again = Write("again", "program 1", DateTime.UtcNow), other = Write("other", "program 2", DateTime.UtcNow);
        Assert.Equal(BuildName.Of(first), BuildName.Of(again));
        Assert.NotEqual(BuildName.Of(first), BuildName.Of(other));
    }

    private string Write(string name, string text, DateTime time)
    {
        string path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, time);
        return path;
    }
}
