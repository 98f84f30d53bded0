using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>What every engine's containers must be like. Each has 64 MiB of memory and one CPU.</summary>
/// <param name="engine">With ProcFs plugged in as its README says.</param>
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
        IReadOnlyList<string> mounts = engine.Stage.MountPoints;
        Stopwatch age = Stopwatch.StartNew();
        using Box box = new(engine, new() { Variant = variant });
        string container = box.Name;
        AssertRight(container, age);
        int number = AssertOneLayer(container, ServedTree.Files);
        string entry = Assert.Single(engine.Stage.Registered);

        age.Restart();
        engine.Restart(container);
        AssertRight(container, age);
        Assert.NotEqual(number, AssertOneLayer(container, ServedTree.Files));
        Assert.Equal(entry, Assert.Single(engine.Stage.Registered));

        box.Dispose();
        Assert.True(Pace.Until(5, () => engine.Stage.Registered.Count == 0), "it is still registered");
        Assert.True(Pace.Until(5, () => Stage.CgroupsNamed(entry).Count == 0), $"left: {string.Join(", ", Stage.CgroupsNamed(entry))}");
        Assert.True(Pace.Until(5, () => mounts.SequenceEqual(engine.Stage.MountPoints)), $"left: {string.Join(", ", engine.Stage.MountPoints.Except(mounts))}");
        Assert.DoesNotContain(Processes.WithArgument(container), pid => Processes.CommandLine(pid) is ["sleep", ..]);
    }

    [Fact]
    public void A_container_that_opts_out_sees_the_kernels_own_files()
    {
        SkipUnlessThereIs("plain");
        foreach (Wish wish in new Wish[] { new() { Environment = ["PROCFS_DISABLE=1"] }, new() { Annotations = ["io.procfs.enable=0"] } })
        {
            if (wish.Annotations.Length > 0 && !engine.HasAnnotations)
            {
                continue;
            }

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
        using Box box = new(engine, new() { Annotations = ["io.procfs.files=meminfo,uptime"] });

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

            Assert.True(Pace.Until(10, () => MemTotal(box.Name) == MemoryKib), $"it sees {MemTotal(box.Name)} KiB\n{engine.Stage.Server!.Log}");
            _ = AssertOneLayer(box.Name, ServedTree.Files);
        }
        finally
        {
            engine.Stage.Serve();
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
        Assert.Equal(MemoryKib, MemTotal(container));
        string top = engine.Exec(container, "top", "-b", "-n1").Ok();
        Assert.Matches(@"(?m)^top - .* up +0 min,", top);
        Assert.Matches(@"(?m)^MiB Mem : +64\.0 total", top);
        Assert.Matches(@"up +0 min", engine.Exec(container, "uptime").Ok());
        Assert.Equal("1", engine.Exec(container, "getconf", "_NPROCESSORS_ONLN").Line());
        Assert.Equal("1", engine.Exec(container, "grep", "-c", "^processor", "/proc/cpuinfo").Line());
        Assert.Equal("1", engine.Exec(container, "grep", "-c", "^cpu[0-9]", "/proc/stat").Line());
        double uptime = ProcText.Uptime(engine.Exec(container, "cat", "/proc/uptime").Ok());
        // The kernel counts a start in hundredths of a second.
        Assert.InRange(uptime, 0, age.Elapsed.TotalSeconds + 0.02);
    }

    private long MemTotal(string container)
    {
        string free = engine.Exec(container, "free", "--kibi").Ok();
        return long.Parse(MemLine().Match(free).Groups[1].Value, CultureInfo.InvariantCulture);
    }

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

public sealed class DockerTests(Docker engine) : EngineTests(engine), IClassFixture<Docker>;

public sealed class DockerWithUserNamespacesTests(DockerWithUserNamespaces engine) : EngineTests(engine), IClassFixture<DockerWithUserNamespaces>;

public sealed class ContainerdTests(Containerd engine) : EngineTests(engine), IClassFixture<Containerd>;

public sealed class LxcTests(Lxc engine) : EngineTests(engine), IClassFixture<Lxc>;
