using System.Globalization;

namespace ProcFs.Integration.Tests.Support;

/// <summary>The build under test, and one to upgrade from: PROCFS_PREVIOUS, or a copy of the same, which is told.</summary>
internal static class Builds
{
    public static string Previous { get; } = Environment.GetEnvironmentVariable("PROCFS_PREVIOUS") is { Length: > 0 } named ? named : Daemon.Binary;

    /// <summary>What an upgrade goes from and to.</summary>
    public static string Upgrade { get; } = Previous == Daemon.Binary
        ? $"from {VersionOf(Previous)} to a copy of the same build and back"
        : $"from {VersionOf(Previous)} to {VersionOf(Daemon.Binary)} and back";

    /// <summary>Puts a copy in the place of a program that may be running, as a package does.</summary>
    public static void Install(string build, string program)
    {
        File.Copy(build, program + ".new", overwrite: true);
        File.Move(program + ".new", program, overwrite: true);
    }

    /// <summary>Asserts that a process runs the program that is in its place now, and that this is a copy of a build.</summary>
    public static void AssertRuns(string build, int pid)
    {
        string running = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/exe");
        Assert.DoesNotContain("(deleted)", new FileInfo(running).LinkTarget, StringComparison.Ordinal);
        Assert.Equal(VersionOf(build), VersionOf(running));
    }

    private static string VersionOf(string program) => Child.Run(program, "--version").Line();
}
