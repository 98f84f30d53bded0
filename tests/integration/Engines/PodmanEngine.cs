namespace ProcFs.Integration.Tests.Engines;

/// <summary>podman, with the hook in /usr/share/containers/oci/hooks.d.</summary>
public abstract class PodmanEngine(ServedTree tree, string runtime) : Engine(tree, "podman", "conmon", runtime)
{
    // No network and no rlimit above this machine's own; nothing else differs from what podman does by itself.
    private const string Configuration =
        """
        [containers]
        netns = "host"
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "none"
        """;

    private int _count;

    internal override IReadOnlyList<string> OwnMountPoints => ["/var/lib/containers/storage/overlay"];

    internal override string Start(Wish wish)
    {
        string name = $"podman-{runtime}-{++_count}";
        // A comma separates annotations unless they are in quotes.
        Podman(["run", "--detach", "--name", name, "--memory", $"{Memory}", "--cpus", "1", .. Options(wish.Variant), .. Each("--annotation", wish.Annotations.Select(a => $"\"{a}\"")),
            .. Each("--env", wish.Environment), DebianRoot.Image, "sleep", "1000"]).Ok();
        return name;
    }

    internal override Output Exec(string container, params string[] command) => Podman(["exec", container, .. command]);

    internal override void Restart(string container) => Podman("restart", "--time", "0", container).Ok();

    internal override void Remove(string container)
    {
        // podman cleans up after a container that ends, in a process of its own, which may be in the way of the removal.
        Output removal = Podman("rm", "--force", "--time", "0", container);
        Assert.True(removal.ExitCode == 0 || Pace.Until(20, () => Podman("rm", "--force", "--ignore", "--time", "0", container).ExitCode == 0), removal.Error);
    }

    private protected override void Plug() => Stage.Write("/usr/share/containers/oci/hooks.d/50-procfs.json", Shipped("oci/50-procfs.json"));

    private protected override void Begin()
    {
        Stage.Write("/etc/containers/containers.conf", Configuration);
        Run("podman", "load", "--input", Root.Archive).Ok();
    }

    private Output Podman(params string[] arguments) => Run(["podman", "--runtime", runtime, .. arguments]);

    private static string[] Options(string variant) => variant switch
    {
        "read-only" => ["--read-only"],
        "userns" => ["--uidmap", "0:100000:65536", "--gidmap", "0:100000:65536"],
        "cgroupns" => ["--cgroupns", "private"],
        "host-pid" => ["--pid", "host"],
        _ => ["--cgroupns", "host"],
    };
}

/// <summary>podman with runc.</summary>
public sealed class PodmanWithRunc(ServedTree tree) : PodmanEngine(tree, "runc");

/// <summary>podman with crun.</summary>
public sealed class PodmanWithCrun(ServedTree tree) : PodmanEngine(tree, "crun");
