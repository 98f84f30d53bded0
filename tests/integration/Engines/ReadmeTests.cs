using System.Text.RegularExpressions;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>
/// The lines that hooks/README.md has for each engine, word for word, in one shell, from the repository's directory. Two programs are stood in for, since there is
/// no systemd: <c>systemctl</c>, which does to the engine what its unit does, and <c>systemd-nspawn</c>, which is told not to ask for one. What an engine needs to work in the tests at all is in its own
/// configuration, as on anybody's machine.
/// </summary>
[Trait("run", "long")]
public sealed partial class ReadmeTests(ServedTree tree)
{
    private const string Limit = "MemTotal:          65536 kB";

    [Fact]
    public void Podman() => Try("podman", new PodmanWithRunc(tree), Limit, HostsOwn);

    [Fact]
    public void Docker()
    {
        using Tried docker = Prepare("docker", new Docker(tree));
        Assert.Equal([Limit], docker.Run());
        // The lines after them: binds by hand.
        Assert.Equal([Limit], docker.Run("By hand"));
    }

    [Fact]
    public void Containerd()
    {
        using Tried containerd = Prepare("containerd", new Containerd(tree));
        Assert.Equal([Limit], containerd.Run());

        string read = containerd.Engine.Stage.Run("containerd", "config", "dump").Ok();
        Assert.Matches(@"(?s)containerd\.runtimes\.procfs\].*containerd\.runtimes\.procfs\.options\]\s+BinaryName = ""/usr/bin/procfs-runtime""", read);
    }

    [Fact]
    public void Lxc()
    {
        using Tried lxc = Prepare("LXC", new Lxc(tree));
        Skip(lxc.Engine);
        ((Lxc)lxc.Engine).Define("box", new());
        Assert.Equal([Limit], lxc.Run());
    }

    [Fact]
    public void Runc_and_crun()
    {
        using Tried both = Prepare("runc, crun", new Runc(tree));
        Skip(both.Engine);
        Assert.SkipWhen(Child.Shell("command -v crun").ExitCode != 0, "not installed: crun");
        string bundle = ((Runc)both.Engine).Define("box", new() { Command = ["grep", "MemTotal", "/proc/meminfo"] }, isPlugged: false);
        Assert.Equal([Limit, Limit], both.Run(directory: bundle));
    }

    [Fact]
    public void Systemd_nspawn()
    {
        using Tried nspawn = Prepare("systemd-nspawn", new NspawnEngine(tree));
        using TestCgroup unit = new TestCgroup("nspawn").Memory(Engine.Memory);
        Assert.Equal([Limit], nspawn.Run(cgroup: unit));
    }

    private static string HostsOwn => ProcText.Lines(File.ReadAllText("/proc/meminfo"))[0];

    private void Try(string heading, Engine engine, params string[] expected)
    {
        using Tried tried = Prepare(heading, engine);
        Assert.Equal(expected, tried.Run());
    }

    private static Tried Prepare(string heading, Engine engine)
    {
        engine.Open(isPlugged: false);
        return new Tried(engine, heading);
    }

    private static void Skip(Engine engine) => Assert.SkipWhen(engine.Missing is not null, engine.Missing ?? "");

    /// <summary>An engine that knows nothing of ProcFs yet, and the lines for it.</summary>
    private sealed record Tried(Engine Engine, string Heading) : IDisposable
    {
        private static readonly (string Name, string Script)[] StandIns =
        [
            ("systemctl",
                """
                #!/bin/sh
                # What ExecReload= of the unit does.
                [ "$*" = "reload docker" ] && kill -HUP "$(cat /run/docker.pid)" && sleep 1
                """),
            ("systemd-nspawn",
                """
                #!/bin/sh
                # Without a service manager that would register it and make it a unit.
                exec /usr/bin/systemd-nspawn --quiet --console=pipe --register=no --keep-unit "$@"
                """),
        ];

        /// <summary>Runs the lines below a heading; the engine's own unless another is named.</summary>
        /// <returns>What they wrote.</returns>
        public IReadOnlyList<string> Run(string? heading = null, string? directory = null, TestCgroup? cgroup = null)
        {
            Skip(Engine);
            foreach ((string name, string script) in StandIns)
            {
                Engine.Stage.Write($"/usr/local/sbin/{name}", script);
                Child.Run("chmod", "755", Engine.Stage.PathOf($"/usr/local/sbin/{name}")).Ok();
            }

            return ProcText.Lines(Child.RunFor(Pace.Limit(30), [.. cgroup?.Inside ?? [], .. Engine.Stage.Inside,
                "sh", "-euc", "cd \"$1\"; eval \"$2\"", "sh", directory ?? Daemon.Repository, LinesBelow(heading ?? Heading)]).Ok());
        }

        public void Dispose() => Engine.Close();

        private static string LinesBelow(string heading)
        {
            string[] blocks = [.. Block().Matches(File.ReadAllText($"{Daemon.Repository}/hooks/README.md")).Where(m => m.Groups[1].Value == heading).Select(m => m.Groups[2].Value)];
            return Assert.Single(blocks);
        }
    }

    /// <summary>A heading of the third order, and the first block of shell lines below it, before any other heading.</summary>
    [GeneratedRegex(@"^### ([^\n]+)\n(?:(?!#|```)[^\n]*\n)*```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
