// Mounts of one test would be in the namespaces that another copies.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ProcFs.Hook.Tests.Support;

/// <summary>What tests with real mounts need.</summary>
internal static class Root
{
    public static void IsNeeded()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: makes mount namespaces and mounts");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "needs /dev/fuse (modprobe fuse)");
        Assert.SkipUnless(File.Exists("/usr/bin/unshare") && File.Exists("/usr/bin/nsenter"), "needs unshare and nsenter (util-linux)");
    }
}
