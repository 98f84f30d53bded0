namespace ProcFs.Integration.Tests.Support;

/// <summary>A pod of the DaemonSet, run by podman as a kubelet would have it run: privileged, with the host's process numbers, its own root read-only.</summary>
internal sealed class NodePod : IDisposable
{
    private readonly PodEngine _engine;
    private readonly string _name = $"procfs-node-{Guid.NewGuid():N}"[..20];

    private NodePod(PodEngine engine) => _engine = engine;

    /// <summary>What it has said.</summary>
    public string Log
    {
        get
        {
            Output logs = _engine.Run("logs", _name);
            return logs.Out + logs.Error;
        }
    }

    /// <summary>What its probes would get.</summary>
    public Output Status(params string[] arguments) => _engine.Run(["exec", _name, "/procfs", "node", "status", .. arguments]);

    public static NodePod Start(PodEngine engine, string image, params string[] arguments) => StartWith(engine, image, [], arguments);

    /// <param name="engine">Who runs it.</param>
    /// <param name="image">Of the program.</param>
    /// <param name="environment">NAME=VALUE, for all that is run in the pod.</param>
    /// <param name="arguments">Of its first process.</param>
    public static NodePod StartWith(PodEngine engine, string image, IReadOnlyList<string> environment, params string[] arguments)
    {
        NodePod pod = new(engine);
        engine.Run(["run", "--detach", "--name", pod._name, .. PodEngine.AsInTheManifest, .. PodEngine.With(environment), image, .. arguments]).Ok();
        return pod;
    }

    /// <summary>Waits until it is ready, and answers what its status is then.</summary>
    public string AwaitReady(params string[] arguments)
    {
        Output? status = null;
        bool isReady = Pace.Until(60, () => (status = Status(arguments)).ExitCode == 0);
        Assert.True(isReady, isReady ? "" : $"the pod does not get ready: {status!.Out}{status.Error}\n{Log}");
        return status!.Out;
    }

    /// <summary>As an eviction ends it: SIGTERM, and a while later SIGKILL.</summary>
    public void Stop() => _engine.Run("stop", "--time", "20", _name).Ok();

    public void Dispose() => _ = _engine.Run("rm", "--force", "--time", "0", _name);
}

/// <summary>podman, with a storage of its own.</summary>
/// <param name="storage">A directory for it.</param>
/// <param name="inside">What to put before its commands.</param>
internal sealed class PodEngine(string storage, params string[] inside)
{
    /// <summary>What deploy/kubernetes/daemonset.yaml says of the pod, in podman's words.</summary>
    public static readonly string[] AsInTheManifest = ["--privileged", "--pid=host", "--network=none", "--read-only", "--log-driver=k8s-file"];

    /// <summary>An environment, in podman's words.</summary>
    public static IEnumerable<string> With(IReadOnlyList<string> environment) => environment.SelectMany(variable => new[] { "--env", variable });

    public Output Run(params string[] arguments) => Child.RunFor(Pace.Limit(60),
        [.. inside, "podman", "--root", storage + "/storage", "--runroot", storage + "/run", "--storage-driver=vfs", "--cgroup-manager=cgroupfs", "--events-backend=none", .. arguments]);

    /// <summary>The image that ./build.sh package made; null: it has not.</summary>
    /// <returns>Its name.</returns>
    public string? LoadShipped()
    {
        string packages = $"{Daemon.Repository}/artifacts/packages";
        string? archive = Directory.Exists(packages) ? Directory.GetFiles(packages, "*-oci.tar").SingleOrDefault() : null;
        return archive is null ? null : Run("load", "--input", archive).Line().Split(' ')[^1]; // "Loaded image: NAME"
    }

    /// <summary>An image FROM scratch with a program in it, as the one that is shipped.</summary>
    /// <param name="program">The program.</param>
    /// <param name="tag">Behind localhost/procfs:</param>
    /// <param name="scratch">A directory that podman sees, too.</param>
    /// <returns>Its name.</returns>
    public string Import(string program, string tag, string scratch)
    {
        string image = $"localhost/procfs:{tag}";
        string directory = $"{scratch}/image-{tag}";
        _ = Directory.CreateDirectory(directory);
        File.Copy(program, $"{directory}/procfs", overwrite: true);
        Child.Run("tar", "--create", "--file", $"{directory}.tar", "--owner=root:0", "--group=root:0", "--directory", directory, "procfs").Ok();
        Run("import", "--change", "ENTRYPOINT [\"/procfs\"]", "--change", "CMD [\"node\",\"install\"]", $"{directory}.tar", image).Ok();
        return image;
    }
}
