using ProcFs.Cgroups;

namespace ProcFs.Containers;

/// <summary>Where a container begins in a cgroup path: the rules in docs/fields/README.md, "The container's root".</summary>
internal static class ContainerRoot
{
    /// <summary>
    /// Cuts a path back to the container's root.
    /// </summary>
    /// <param name="path">The cgroup of the container's init, or of the caller.</param>
    /// <param name="mountRoot">
    /// The root field of that process's own cgroup mount, read from outside: what its cgroup namespace (or a bind mount) calls "/".
    /// Null when it has no such mount.
    /// </param>
    public static string CutBack(string path, string? mountRoot)
        => mountRoot is { Length: > 1 } && CgroupPath.IsSameOrBelow(path, mountRoot) ? mountRoot : Strip(path);

    /// <summary>
    /// Takes off the directory that an init makes for itself inside the container: systemd's init.scope, then that of the engine
    /// (docker-in-docker's init, LXC's .lxc, podman's container, nspawn's payload). The first component always stays.
    /// </summary>
    private static string Strip(string path)
    {
        if (path == "/init.scope")
        {
            return "/";
        }

        string inner = Without(path, "init.scope");
        string last = inner[(inner.LastIndexOf('/') + 1)..];
        return last switch
        {
            "init" or ".lxc" or "payload" => Without(inner, last),
            "container" when Parent(inner) is { } parent
                && parent[(parent.LastIndexOf('/') + 1)..].StartsWith("libpod-", StringComparison.Ordinal) => parent,
            _ => inner,
        };
    }

    private static string Without(string path, string last)
        => path.EndsWith("/" + last, StringComparison.Ordinal) && Parent(path) is { } parent ? parent : path;

    /// <summary>Null where nothing would be left.</summary>
    private static string? Parent(string path) => CgroupPath.Parent(path) is { } parent and not CgroupPath.Root ? parent : null;
}
