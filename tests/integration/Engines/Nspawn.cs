using System.Diagnostics;

namespace ProcFs.Integration.Tests.Engines;

/// <summary>systemd-nspawn, with the common files by the settings file that hooks/nspawn ships.</summary>
public sealed class NspawnEngine(ServedTree tree) : Engine(tree, "systemd-nspawn")
{
    private const string Machine = "box";

    /// <summary>Runs a command in a machine with <see cref="Engine.Memory"/> and one CPU.</summary>
    internal Output RunMachine(string variant, params string[] command)
    {
        using TestCgroup cgroup = new TestCgroup("nspawn").Memory(Memory);
        TestCgroup.SetQuota(cgroup.Path, 100000);
        // No systemd here that could register it and give it a cgroup.
        return Child.RunFor(Pace.Limit(30), [.. cgroup.Inside, .. Stage.Inside, "systemd-nspawn", "--quiet", "--console=pipe", "--register=no", "--keep-unit", "--machine", Machine,
            .. Options(variant), .. command]);
    }

    internal override string Start(Wish wish) => throw new NotSupportedException("one command, one machine: see RunMachine");

    internal override Output Exec(string container, params string[] command) => throw new NotSupportedException();

    internal override void Restart(string container) => throw new NotSupportedException();

    internal override void Remove(string container) => throw new NotSupportedException();

    private protected override void Plug() => Stage.Write($"/etc/systemd/nspawn/{Machine}.nspawn", Shipped("nspawn/procfs.nspawn"));

    private protected override void Begin()
    {
        Directory.CreateDirectory(Stage.PathOf("/var/lib/machines"));
        string root = Root.CopyTo(Stage.PathOf($"/var/lib/machines/{Machine}"));
        File.WriteAllText($"{root}/etc/os-release", "ID=debian\n");
    }

    private static string[] Options(string variant) => variant switch
    {
        "read-only" => ["--read-only"],
        "userns" => ["--private-users=131072:65536", "--private-users-ownership=chown"],
        _ => [],
    };
}

// /procfs-test-N
//   nspawn             memory 64 MiB, quota 1 CPU
[Trait("run", "long")]
public sealed class Nspawn(NspawnEngine engine) : IClassFixture<NspawnEngine>
{
    [Theory]
    [InlineData("plain")]
    [InlineData("read-only")]
    [InlineData("userns")]
    public void A_machine_has_the_files_and_leaves_nothing(string variant)
    {
        Assert.SkipWhen(engine.Missing is not null, engine.Missing ?? "");
        ILookup<string, string> mounts = engine.Stage.MountPoints;
        Stopwatch age = Stopwatch.StartNew();

        string seen = engine.RunMachine(variant, "sh", "-c", "free --kibi; top -b -n1; getconf _NPROCESSORS_ONLN; grep fuse.procfs /proc/self/mountinfo; cat /proc/uptime").Ok();

        Assert.Matches("(?m)^Mem: +65536 ", seen);
        Assert.Matches(@"(?m)^MiB Mem : +64\.0 total", seen);
        Assert.Matches("(?m)^1$", seen);
        Assert.Equal(ServedTree.Attached.Where(f => f != "proc/slabinfo" && !f.StartsWith("proc/pressure/", StringComparison.Ordinal)).Select(f => $"/common/{f} /{f}").Append("/common /var/lib/procfs").Order(StringComparer.Ordinal),
            ProcText.Lines(seen).Where(l => l.Contains("fuse.procfs", StringComparison.Ordinal)).Select(l => l.Split(' ')).Select(f => $"{f[3]} {f[4]}").Order(StringComparer.Ordinal));
        Assert.InRange(ProcText.Uptime(ProcText.Lines(seen)[^1]), 0, age.Elapsed.TotalSeconds + 0.02);
        Assert.True(Pace.Until(5, () => engine.Stage.MountsSince(mounts).Count == 0), $"left: {string.Join(", ", engine.Stage.MountsSince(mounts))}");
    }
}
