namespace ProcFs.Integration.Tests.Support;

/// <summary>A machine that is thrown away after the tests (PROCFS_TEST_GUEST): its clock and its services may be played with.</summary>
internal static class Guest
{
    public static bool IsHere { get; } = Environment.GetEnvironmentVariable("PROCFS_TEST_GUEST") is { Length: > 0 };

    public static bool HasSystemd { get; } = IsHere && Directory.Exists("/run/systemd/system");
}
