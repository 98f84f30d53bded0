namespace ProcFs.Serving;

/// <summary>Whether SELinux has a say on this host.</summary>
internal static class Selinux
{
    /// <summary>
    /// Whether the kernel takes labels at a mount: SELinux was switched on at boot, and a policy is loaded. Without either, context= makes
    /// mount(2) fail. Its own file system need not be mounted, which it is in no container.
    /// </summary>
    /// <param name="procRoot">Where procfs is.</param>
    public static bool IsInUse(string procRoot)
        // The kernel has the file system only where SELinux is on; the label of a process is "kernel" until there is a policy.
        => Read(procRoot + "/filesystems").Contains("\tselinuxfs\n", StringComparison.Ordinal)
            && Read(procRoot + "/self/attr/current").Contains(':', StringComparison.Ordinal);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ""; // attr/current without a security module: EINVAL
        }
    }
}
