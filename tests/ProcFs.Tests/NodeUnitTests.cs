using ProcFs.Node;

namespace ProcFs.Tests;

/// <summary>The units as a node gets them are the shipped ones, but for the program's path.</summary>
public sealed class NodeUnitTests
{
    [Theory]
    [InlineData("procfs.service", "serve")]
    [InlineData("procfs-keeper.service", "keep")]
    public void Only_the_path_and_a_first_line_differ(string name, string verb)
    {
        string shipped = File.ReadAllText($"{Fixtures.Repository}/systemd/{name}");

        string[] lines = UnitText.For(name, "/opt/procfs/current/procfs").Split('\n');

        Assert.True(UnitText.IsOurs(lines[0]));
        Assert.False(UnitText.IsOurs(shipped));
        Assert.Equal($"ExecStart=/opt/procfs/current/procfs {verb}", Assert.Single(lines, line => line.StartsWith("Exec", StringComparison.Ordinal)));
        Assert.Equal(shipped, string.Join('\n', lines[1..]).Replace("/opt/procfs/current/", "/usr/bin/", StringComparison.Ordinal));
    }

    [Fact]
    public void All_units_are_there()
        => Assert.Equal(Directory.GetFiles($"{Fixtures.Repository}/systemd", "*.service").Select(Path.GetFileName).Order(), UnitText.Names.Order());
}
