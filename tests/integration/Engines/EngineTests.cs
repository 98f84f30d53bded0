using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>What every engine's containers must be like. Each has 64 MiB of memory and one CPU.</summary>
/// <param name="engine">With ProcFs plugged in as its README says.</param>
[Trait("run", "long")]
public abstract partial class EngineTests(Engine engine)
{
    private const long MemoryKib = Engine.Memory / 1024;

    [Theory]
    [InlineData("plain")]
    [InlineData("read-only")]
    [InlineData("userns")]
    [InlineData("cgroupns")]
    [InlineData("host-pid")]
    public void Starts_with_the_files_restarts_with_them_and_leaves_nothing(string variant)
    {
        SkipUnlessThereIs(variant);
        ILookup<string, string> mounts = engine.Stage.MountPoints;
        Stopwatch age = Stopwatch.StartNew();
        using Box box = Start(new() { Variant = variant });
        string container = box.Name;
        AssertRight(container, age);
        int number = AssertOneLayer(container, ServedTree.Attached);
        string entry = Assert.Single(engine.Stage.Registered);

        age.Restart();
        Restart(container);
        AssertRight(container, age);
        Assert.NotEqual(number, AssertOneLayer(container, ServedTree.Attached));
        Assert.Equal(entry, Assert.Single(engine.Stage.Registered));

        box.Dispose();
        Assert.True(Pace.Until(5, () => engine.Stage.Registered.Count == 0), "it is still registered");
        Assert.True(Pace.Until(5, () => Stage.CgroupsNamed(entry).Count == 0), $"left: {string.Join(", ", Stage.CgroupsNamed(entry))}");
        IReadOnlyList<string> left = [];
        Assert.True(Pace.Until(5, () => (left = [.. engine.Stage.MountsSince(mounts).Except(engine.OwnMountPoints)]).Count == 0), $"left: {string.Join(", ", left)}");
        Assert.DoesNotContain(Processes.WithArgument(container), pid => Processes.CommandLine(pid) is ["sleep", ..]);
    }

    [Fact]
    public void A_container_that_opts_out_sees_the_kernels_own_files()
    {
        SkipUnlessThereIs("plain");
        foreach (Wish wish in engine.OptOuts)
        {
            using Box box = new(engine, wish);

            Assert.Equal(Host.MemTotalKib, MemTotal(box.Name));
            Assert.Empty(Layers(box.Name));
            Assert.Empty(engine.Stage.Registered);
        }
    }

    [Fact]
    public void A_container_chooses_its_files()
    {
        SkipUnlessThereIs("plain");
        Assert.SkipUnless(engine.HasAnnotations, "this engine hands no annotations on");
        using Box box = Start(new() { Annotations = ["io.procfs.files=meminfo,uptime"] });

        _ = AssertOneLayer(box.Name, ["proc/meminfo", "proc/uptime"]);
        Assert.Equal(MemoryKib, MemTotal(box.Name));
    }

    [Fact]
    public void A_container_that_started_without_the_daemon_has_the_files_once_it_is_there()
    {
        SkipUnlessThereIs("plain");
        engine.Stage.StopServing();
        try
        {
            using Box box = new(engine, new());
            Assert.Equal(Host.MemTotalKib, MemTotal(box.Name));

            engine.Stage.Serve();

            // One by one.
            Assert.True(Pace.Until(10, () => MemTotal(box.Name) == MemoryKib && Layers(box.Name).Length == ServedTree.Attached.Length), $"it sees {MemTotal(box.Name)} KiB\n{engine.Stage.Server!.Log}");
            _ = AssertOneLayer(box.Name, ServedTree.Attached);
        }
        finally
        {
            engine.Stage.Serve();
        }
    }

    /// <summary>A container that its hook brings files.</summary>
    private Box Start(Wish wish)
    {
        return LateHooks.OnceMore(Begin, box => Layers(box.Name).Length > 0);

        Box Begin()
        {
            _ = Pace.Until(5, () => engine.Stage.Registered.Count == 0); // of one before it
            return new Box(engine, wish);
        }
    }

    /// <summary>Restarts it, so that its hook brings files.</summary>
    private void Restart(string container)
    {
        engine.Restart(container);
        if (Layers(container).Length == 0)
        {
            LateHooks.AssertLate(() => Layers(container).Length > 0);
            engine.Restart(container);
        }
    }

    private void SkipUnlessThereIs(string variant)
    {
        Assert.SkipWhen(engine.Missing is not null, engine.Missing ?? "");
        string? why = engine.WhyNot(variant);
        Assert.SkipWhen(why is not null, why ?? "");
    }

    /// <summary>What procps shows is the container's: its limit, its CPUs, its age.</summary>
    private void AssertRight(string container, Stopwatch age)
    {
        string[] seen = engine.Exec(container, "sh", "-euc",
            """
            free --kibi; echo ---
            top -b -n1; echo ---
            uptime; echo ---
            getconf _NPROCESSORS_ONLN; grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat; echo ---
            cat /proc/uptime
            """).Ok().Split("---\n");

        Assert.Equal(MemoryKib, MemTotalIn(seen[0]));
        Assert.Matches(@"(?m)^top - .* up +0 min,", seen[1]);
        Assert.Matches(@"(?m)^MiB Mem : +64\.0 total", seen[1]);
        Assert.Matches(@"up +0 min", seen[2]);
        Assert.Equal("1\n1\n1\n", seen[3]);
        // The kernel counts a start in hundredths of a second.
        Assert.InRange(ProcText.Uptime(seen[4]), 0, age.Elapsed.TotalSeconds + 0.02);
    }

    private long MemTotal(string container) => MemTotalIn(engine.Exec(container, "free", "--kibi").Ok());

    private static long MemTotalIn(string free) => long.Parse(MemLine().Match(free).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Asserts that just these files are ours, each once, and all of one container.</summary>
    /// <returns>The container's number.</returns>
    private int AssertOneLayer(string container, IReadOnlyCollection<string> files)
    {
        (string Root, string MountPoint)[] layers = Layers(container);
        Assert.Equal(files.Select(f => "/" + f).Order(StringComparer.Ordinal), layers.Select(l => l.MountPoint).Order(StringComparer.Ordinal));
        string[] numbers = [.. layers.Select(l => l.Root[..^l.MountPoint.Length]).Distinct()];
        Assert.Matches("^/c/[0-9]+$", Assert.Single(numbers));
        Assert.All(layers, layer => Assert.EndsWith(layer.MountPoint, layer.Root, StringComparison.Ordinal));
        return int.Parse(numbers[0]["/c/".Length..], CultureInfo.InvariantCulture);
    }

    /// <summary>Root and mount point of each mount of ours.</summary>
    private (string Root, string MountPoint)[] Layers(string container) => [.. ProcText.Lines(engine.Exec(container, "cat", "/proc/self/mountinfo").Ok())
        .Where(l => l.Contains(" - fuse.procfs ", StringComparison.Ordinal)).Select(l => l.Split(' ')).Select(f => (f[3], f[4]))];

    /// <summary>A container that is removed at the end, once.</summary>
    private sealed class Box(Engine engine, Wish wish) : IDisposable
    {
        private bool _isGone;

        public string Name { get; } = engine.Start(wish);

        public void Dispose()
        {
            if (!_isGone)
            {
                _isGone = true;
                engine.Remove(Name);
            }
        }
    }

    [GeneratedRegex(@"(?m)^Mem: +([0-9]+) ")]
    private static partial Regex MemLine();
}

public sealed class RuncTests(Runc engine) : EngineTests(engine), IClassFixture<Runc>;

public sealed class CrunTests(Crun engine) : EngineTests(engine), IClassFixture<Crun>;

public sealed class PodmanWithRuncTests(PodmanWithRunc engine) : EngineTests(engine), IClassFixture<PodmanWithRunc>;

public sealed class PodmanWithCrunTests(PodmanWithCrun engine) : EngineTests(engine), IClassFixture<PodmanWithCrun>;

public sealed class DockerTests(Docker engine) : EngineTests(engine), IClassFixture<Docker>
{
    private readonly Docker _docker = engine;

    [Fact]
    public void As_the_default_runtime_it_is_for_all_that_do_not_opt_out()
    {
        Assert.SkipWhen(_docker.Missing is not null, _docker.Missing ?? "");
        _docker.SetDefaultRuntime("procfs");
        try
        {
            string limited = $"MemTotal:       {Engine.Memory / 1024,8} kB";
            Assert.Equal(limited, _docker.MemTotalOf());
            Assert.NotEqual(limited, _docker.MemTotalOf("--runtime=runc"));
            Assert.NotEqual(limited, _docker.MemTotalOf("--env", "PROCFS_DISABLE=1"));
        }
        finally
        {
            _docker.SetDefaultRuntime("runc");
        }
    }
}

public sealed class DockerWithUserNamespacesTests(DockerWithUserNamespaces engine) : EngineTests(engine), IClassFixture<DockerWithUserNamespaces>;

public sealed class ContainerdTests(Containerd engine) : EngineTests(engine), IClassFixture<Containerd>;

public sealed class LxcTests(Lxc engine) : EngineTests(engine), IClassFixture<Lxc>;
