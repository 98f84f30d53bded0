namespace ProcFs.Hook.Tests;

public sealed class RunDirectoryTests
{
    [Theory]
    [InlineData("3f1c9a", "3f1c9a")]
    [InlineData("k8s.io:a_b-1", "k8s.io:a_b-1")]
    public void An_ordinary_id_is_its_own_file_name(string id, string name) => Assert.Equal(name, RunDirectory.RegistryName(id));

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("ü")]
    [InlineData("")]
    public void Any_other_id_is_hashed(string id) => Assert.Matches("^sha256-[0-9a-f]{64}$", RunDirectory.RegistryName(id));

    [Fact]
    public void A_long_id_is_hashed_and_two_of_them_differ()
    {
        string first = new('a', 300);
        Assert.StartsWith("sha256-", RunDirectory.RegistryName(first), StringComparison.Ordinal);
        Assert.NotEqual(RunDirectory.RegistryName(first), RunDirectory.RegistryName(first + "b"));
    }
}
