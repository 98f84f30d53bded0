namespace ProcFs.Integration.Tests.Engines;

/// <summary>containerd by <c>ctr</c>, with <c>procfs-runtime</c> for its runc.</summary>
public sealed class Containerd(ServedTree tree) : Engine(tree, "containerd", "ctr", "runc")
{
    private readonly Dictionary<string, Wish> _wishes = [];

    internal override string? WhyNot(string variant) => variant switch
    {
        "cgroupns" when !CgroupMounts.IsPureV2 => "ctr makes cgroup namespaces on cgroup v2 only",
        "userns" => "ctr 1.6 forgets --runc-binary when --uidmap is given",
        _ => null,
    };

    internal override string Start(Wish wish)
    {
        string name = $"containerd-{_wishes.Count + 1}";
        _wishes.Add(name, wish);
        Run(name, wish);
        return name;
    }

    internal override Output Exec(string container, params string[] command) =>
        Run(["ctr", "task", "exec", "--exec-id", $"exec-{Guid.NewGuid():N}", container, .. command]);

    internal override void Restart(string container)
    {
        // There is no "ctr restart"; a container is deleted with its last task's end, and run again.
        Remove(container);
        Run(container, _wishes[container]);
    }

    internal override void Remove(string container)
    {
        _ = Run("ctr", "task", "kill", "--signal", "SIGKILL", container);
        Assert.True(Pace.Until(60, () => Run("ctr", "task", "delete", container).ExitCode == 0), $"ctr cannot delete {container}");
        Run("ctr", "container", "delete", container).Ok();
    }

    private protected override void Plug()
    {
        Stage.Write("/etc/containerd/config.toml", Shipped("containerd/config.toml"));
        Run("ln", "-s", "procfs", "/usr/bin/procfs-runtime").Ok();
    }

    private protected override void Begin()
    {
        Stage.Launch("containerd", ["containerd"], "ctr", "version");
        Run("ctr", "images", "import", Root.Archive).Ok();
    }

    private void Run(string name, Wish wish) => Run(["ctr", "run", "--detach", "--memory-limit", $"{Memory}", "--cpus", "1",
        .. wish.IsChosen ? new[] { "--runc-binary", "/usr/bin/procfs-runtime" } : [],
        .. Options(wish.Variant), .. Each("--annotation", wish.Annotations), .. Each("--env", wish.Environment),
        DebianRoot.Image, name, "sleep", "1000"]).Ok();

    private static string[] Options(string variant) => variant switch
    {
        "read-only" => ["--read-only"],
        "host-pid" => ["--with-ns", "pid:/proc/1/ns/pid"],
        _ => [],
    };
}
