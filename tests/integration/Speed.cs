using System.Globalization;
using System.Text.Json.Nodes;

namespace ProcFs.Integration.Tests;

/// <summary>
/// Reads beside lxcfs's in one container and one run: ratios, since times differ from machine to machine and from minute to minute. Their floors have a wide
/// margin, which noise does not use up and a daemon of half the speed does (bench/README.md).
/// </summary>
public sealed class Speed(ITestOutputHelper output)
{
    private static readonly string Program = Environment.GetEnvironmentVariable("PROCFS_BENCH") is { Length: > 0 } named ? named : $"{Daemon.Repository}/artifacts/procfs-bench";

    [Fact]
    public void Reads_are_not_half_as_fast_as_they_were()
    {
        Assert.SkipWhen(Guest.IsHere, "times of an emulated machine say nothing");
        Assert.True(File.Exists(Program), $"there is no {Program}: ./build.sh publish-bench makes it, and PROCFS_BENCH names another");

        Output run = Child.RunFor(TimeSpan.FromSeconds(120), "env", $"PROCFS_BINARY={Daemon.Binary}", Program, "gate");

        Assert.True(run.Out.StartsWith('{'), $"the gate says nothing (exit code {run.ExitCode}): {run.Error}");
        JsonArray checks = JsonNode.Parse(run.Out)!["checks"]!.AsArray();
        Assert.NotEmpty(checks);
        foreach (JsonNode? check in checks)
        {
            // build.sh prints lines like this one.
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"measured: {check!["name"]}: {check["ratio"]}, floor {check["floor"]}"));
        }

        Assert.All(checks, check => Assert.True((bool)check!["passed"]!, $"{check["name"]} is {check["ratio"]}, below {check["floor"]}; its batches: {check["batches"]!.ToJsonString()}"));
    }
}
