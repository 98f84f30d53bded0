namespace ProcFs.Integration.Tests.Engines;

/// <summary>A hook whose program is gone, as after a removal that left the hook: what each engine makes of it. doctor and the documents say the same.</summary>
[Trait("run", "long")]
public sealed class GoneProgram(ServedTree tree)
{
    private const string Gone = "/nonexistent/procfs";
    private const string HookFile = "/usr/share/containers/oci/hooks.d/50-procfs.json";

    [Fact]
    public void Podman_passes_it_over_and_the_container_has_the_hosts_files()
    {
        using Opened<PodmanWithRunc> podman = new(new PodmanWithRunc(tree));
        string shipped = File.ReadAllText($"{Daemon.Repository}/hooks/oci/50-procfs.json");
        podman.Stage.Write(HookFile, shipped.Replace("/usr/bin/procfs", Gone, StringComparison.Ordinal));
        AssertHasTheHosts(podman);

        podman.Stage.Run("ln", "-sf", "/nonexistent/50-procfs.json", HookFile).Ok();
        AssertHasTheHosts(podman);

        // There, and cannot be run: that is another thing.
        podman.Stage.Run("rm", HookFile).Ok();
        podman.Stage.Write(HookFile, shipped.Replace("/usr/bin/procfs", "/etc/passwd", StringComparison.Ordinal));
        Assert.ThrowsAny<Exception>(() => podman.Engine.Start(new()));
    }

    [Fact]
    public void Runc_starts_no_container() => AssertDoesNotStart(new Runc(tree));

    [Fact]
    public void Crun_starts_no_container() => AssertDoesNotStart(new Crun(tree));

    [Fact]
    public void LXC_starts_no_container()
    {
        using Opened<Lxc> lxc = new(new Lxc(tree));
        lxc.Stage.Write("/usr/share/lxc/config/common.conf.d/20-procfs.conf", $"lxc.hook.start-host = {Gone} hook lxc\n");
        Assert.ThrowsAny<Exception>(() => lxc.Engine.Start(new()));
        lxc.Stage.Run("rm", "/usr/share/lxc/config/common.conf.d/20-procfs.conf").Ok();
        lxc.Engine.Remove(lxc.Engine.Start(new())); // it was the hook
    }

    private static void AssertHasTheHosts(Opened<PodmanWithRunc> podman)
    {
        string container = podman.Engine.Start(new());
        Assert.Equal(ProcText.Lines(File.ReadAllText("/proc/meminfo"))[0], podman.Engine.Exec(container, "grep", "MemTotal", "/proc/meminfo").Line());
        podman.Engine.Remove(container);
    }

    /// <summary>With config-hooks.json.</summary>
    private static void AssertDoesNotStart(RuntimeEngine runtime)
    {
        using Opened<RuntimeEngine> opened = new(runtime);
        opened.Engine.Remove(opened.Engine.Start(new()));
        opened.Stage.Run("rm", "/usr/bin/procfs").Ok(); // the daemon runs on
        Assert.ThrowsAny<Exception>(() => opened.Engine.Start(new()));
    }

    /// <summary>An engine that knows nothing of ProcFs yet.</summary>
    private sealed class Opened<T> : IDisposable
        where T : Engine
    {
        public Opened(T engine)
        {
            Engine = engine;
            engine.Open(isPlugged: false);
            Assert.SkipWhen(engine.Missing is not null, engine.Missing ?? "");
        }

        public T Engine { get; }

        public Stage Stage => Engine.Stage;

        public void Dispose() => Engine.Close();
    }
}
