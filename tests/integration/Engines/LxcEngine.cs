namespace ProcFs.Integration.Tests.Engines;

/// <summary>LXC, with the hooks in /usr/share/lxc/config/common.conf.d, which all containers include.</summary>
public sealed class Lxc(ServedTree tree) : Engine(tree, "lxc-start")
{
    private readonly string _prefix = $"lxc-{Environment.ProcessId}"; // a word that no cgroup of another has
    private int _count;

    internal override bool HasAnnotations => false;

    internal override IReadOnlyList<Wish> OptOuts => [new() { IsChosen = false }];

    internal override string? WhyNot(string variant) => variant switch
    {
        "host-pid" => "LXC has no such setting",
        _ => null,
    };

    internal override string Start(Wish wish)
    {
        string name = $"{_prefix}-{++_count}";
        Define(name, wish);
        Go(name);
        return name;
    }

    /// <summary>Makes a container that can be started.</summary>
    internal void Define(string name, Wish wish)
    {
        Directory.CreateDirectory(Stage.PathOf("/var/lib/lxc"));
        string rootfs = $"/var/lib/lxc/{name}-rootfs", root = Root.CopyTo(Stage.PathOf(rootfs));
        if (wish.Variant == "userns")
        {
            Child.Run("chown", "--recursive", "--no-dereference", "100000:100000", root).Ok();
        }

        Stage.Write($"/var/lib/lxc/{name}/config", string.Join('\n', Configuration(rootfs, wish)) + "\n");
    }

    internal override Output Exec(string container, params string[] command) => Run(["lxc-attach", "--name", container, "--", .. command]);

    internal override void Restart(string container)
    {
        Run("lxc-stop", "--kill", "--name", container).Ok();
        Go(container);
    }

    internal override void Remove(string container)
    {
        Run("lxc-stop", "--kill", "--name", container).Ok();
        // Not by lxc-destroy, which asks for the root file system's kind.
        Directory.Delete(Stage.PathOf($"/var/lib/lxc/{container}"), recursive: true);
    }

    private protected override void Plug() => Stage.Write("/usr/share/lxc/config/common.conf.d/20-procfs.conf", Shipped("lxc/20-procfs.conf"));

    private void Go(string name)
    {
        Output start = Run("lxc-start", "--name", name, "--logfile", $"/run/{name}.log", "--logpriority", "WARN");
        Assert.True(start.ExitCode == 0, $"lxc-start: {start.Error}\n{(File.Exists(Stage.PathOf($"/run/{name}.log")) ? File.ReadAllText(Stage.PathOf($"/run/{name}.log")) : "")}");
    }

    private static IEnumerable<string> Configuration(string root, Wish wish) =>
    [
        "lxc.include = /usr/share/lxc/config/common.conf",
        .. wish.Variant == "userns" ? new[] { "lxc.include = /usr/share/lxc/config/userns.conf", "lxc.idmap = u 0 100000 65536", "lxc.idmap = g 0 100000 65536" } : [],
        "lxc.uts.name = box",
        $"lxc.rootfs.path = dir:{root}",
        .. wish.Variant == "read-only" ? new[] { "lxc.rootfs.options = ro" } : [],
        "lxc.net.0.type = empty",
        $"lxc.init.cmd = {string.Join(' ', wish.Command)}",
        "lxc.apparmor.profile = unconfined",
        .. CgroupMounts.IsPureV2
            ? new[] { $"lxc.cgroup2.memory.max = {Memory}", "lxc.cgroup2.cpu.max = 100000 100000" }
            : [$"lxc.cgroup.memory.limit_in_bytes = {Memory}", "lxc.cgroup.cpu.cfs_quota_us = 100000"],
        // Without a value, what was included before is taken back.
        .. wish.IsChosen ? Array.Empty<string>() : ["lxc.hook.start-host =", "lxc.hook.post-stop ="],
        .. wish.Environment.Select(e => $"lxc.environment = {e}"),
    ];
}
