namespace ProcFs.Integration.Tests.Engines;

/// <summary>dockerd, which starts its own containerd, with the runtime of hooks/docker/daemon.json.</summary>
/// <param name="tree">Where its files go.</param>
/// <param name="options">More options for dockerd.</param>
public abstract class DockerEngine(ServedTree tree, params string[] options) : Engine(tree, "docker", "dockerd", "containerd", "runc")
{
    private int _count;

    internal override bool HasAnnotations => false; // they came with docker 25

    internal override IReadOnlyList<Wish> OptOuts => [new() { Environment = ["PROCFS_DISABLE=1"] }, new() { IsChosen = false }];

    internal override string Start(Wish wish)
    {
        string name = $"docker-{++_count}";
        Run(["docker", "run", "--detach", "--name", name, "--memory", $"{Memory}", "--cpus", "1", .. wish.IsChosen ? new[] { "--runtime=procfs" } : [],
            .. Options(wish.Variant), .. Each("--env", wish.Environment), DebianRoot.Image, "sleep", "1000"]).Ok();
        return name;
    }

    internal override Output Exec(string container, params string[] command) => Run(["docker", "exec", container, .. command]);

    internal override void Restart(string container) => Run("docker", "restart", "--time", "0", container).Ok();

    internal override void Remove(string container) => Run("docker", "rm", "--force", container).Ok();

    /// <summary>Gives the running daemon daemon-default.json as it is shipped, or with runc for its default again.</summary>
    internal void SetDefaultRuntime(string runtime)
    {
        Stage.Write("/etc/docker/daemon.json", Shipped("docker/daemon-default.json").Replace("\"default-runtime\": \"procfs\"", $"\"default-runtime\": \"{runtime}\"", StringComparison.Ordinal));
        Run("sh", "-c", "kill -HUP $(cat /run/docker.pid)").Ok();
        Assert.True(Pace.Until(10, () => Run("docker", "info", "--format", "{{.DefaultRuntime}}").Out == runtime + "\n"), "dockerd does not take its new configuration");
    }

    /// <summary>What a container sees that is run with these options more.</summary>
    internal string MemTotalOf(params string[] more) =>
        Run(["docker", "run", "--rm", "--memory", $"{Memory}", .. more, DebianRoot.Image, "grep", "MemTotal", "/proc/meminfo"]).Line();

    private protected override void Plug() => Stage.Write("/etc/docker/daemon.json", Shipped("docker/daemon.json"));

    private protected override void Begin()
    {
        Stage.Launch("docker", ["dockerd", "--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false",
            "--exec-opt", "native.cgroupdriver=cgroupfs", .. options], "docker", "version");
        Run("docker", "load", "--input", Root.Archive).Ok();
    }

    private static string[] Options(string variant) => variant switch
    {
        "read-only" => ["--read-only"],
        "cgroupns" => ["--cgroupns", "private"],
        "host-pid" => ["--pid", "host"],
        _ => ["--cgroupns", "host"],
    };
}

/// <summary>dockerd as it comes.</summary>
public sealed class Docker(ServedTree tree) : DockerEngine(tree)
{
    internal override string? WhyNot(string variant) => variant == "userns" ? "a setting of the daemon: the next class has it" : null;
}

/// <summary>dockerd with a user namespace for each container.</summary>
public sealed class DockerWithUserNamespaces(ServedTree tree) : DockerEngine(tree, "--userns-remap=daemon")
{
    internal override string? WhyNot(string variant) => variant switch
    {
        "userns" or "read-only" => null,
        "host-pid" => "docker refuses it with user namespaces",
        _ => "all containers have user namespaces here",
    };

    private protected override void Begin()
    {
        Stage.Write("/etc/subuid", "daemon:100000:65536\n");
        Stage.Write("/etc/subgid", "daemon:100000:65536\n");
        base.Begin();
    }
}
