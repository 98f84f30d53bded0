using System.Globalization;
using Mono.Unix.Native;
using ProcFs.Integration.Tests.Engines;

namespace ProcFs.Integration.Tests;

/// <summary>
/// In lxcfs's place, on a small host of its own: Debian's lxcfs, LXC with the configuration that both come with, and then our program under lxcfs's name at the
/// same directory. Nothing of the container is changed.
/// </summary>
[Trait("run", "long")]
public sealed class Lxcfs(ServedTree tree) : IDisposable
{
    private const string Hook = "/usr/share/lxcfs/lxc.mount.hook";
    private const string Directory = "/var/lib/lxcfs";

    private readonly Lxc _lxc = new(tree);

    public void Dispose() => _lxc.Close();

    // lxc.payload.…        memory 64 MiB, 1 CPU
    [Fact]
    public void A_container_of_lxc_gets_our_files_by_lxcfs_own_hook()
    {
        Open();
        Assert.SkipWhen(!File.Exists(Hook), "lxcfs is not installed: its package has the hook");
        using Daemon lxcfs = Serve("--enable-cfs", "-l", "-p", "/run/own.pid");
        string container = _lxc.Start(new Wish());
        AssertServed(container);

        // What lxcfs has, we have.
        Assert.Equal("1", Exec(container, "getconf", "_NPROCESSORS_ONLN"));
        Assert.Equal("0", Exec(container, "cat", "/sys/devices/system/cpu/online"));
        Assert.Equal("1", Exec(container, "sh", "-c", "ls -d /sys/devices/system/cpu/cpu[0-9]* | wc -l"));
        Assert.Matches(@"^\d+\.\d\d \d+\.\d\d \d+\.\d\d \d+/\d+ \d+$", Exec(container, "cat", "/proc/loadavg"));

        // Its signals, sent to the number in its file.
        string pid = _lxc.Stage.Run("cat", "/run/own.pid").Line();
        _lxc.Stage.Run("kill", "-USR1", pid).Ok();
        lxcfs.ExpectLife(2);
        AssertServed(container);
        _lxc.Stage.Run("kill", "-USR2", pid).Ok();
        long host = ProcText.Kib(File.ReadAllText("/proc/meminfo"), "MemTotal");
        Assert.True(Pace.Until(5, () => Total(container) == host), lxcfs.Log);
        _lxc.Stage.Run("kill", "-USR2", pid).Ok();
        Assert.True(Pace.Until(5, () => Total(container) == Engine.Memory >> 10), lxcfs.Log);

        // What ends lxcfs's containers' files.
        _ = Syscall.kill(Server(), Signum.SIGKILL);
        lxcfs.ExpectLife(3);
        AssertServed(container);

        _ = Syscall.kill(Program(), Signum.SIGTERM);
        Assert.Equal(0, lxcfs.WaitForExit());
        Assert.NotEqual(0, _lxc.Stage.Run("test", "-e", "/run/own.pid").ExitCode);
        Assert.NotEqual(0, _lxc.Stage.Run("mountpoint", "-q", Directory).ExitCode);
        _lxc.Remove(container);
    }

    // lxc.payload.…        memory 64 MiB, 1 CPU
    [Theory]
    [InlineData(Signum.SIGTERM)] // it unmounts
    [InlineData(Signum.SIGKILL)] // it leaves a dead mount
    public void Lxcfs_is_replaced_under_the_same_path_and_the_container_is_only_started_again(Signum end)
    {
        Open();
        Assert.SkipWhen(!File.Exists(Hook), "lxcfs is not installed");
        string container;
        using (Daemon theirs = Daemon.Begin(null, [.. _lxc.Stage.Inside, "lxcfs", Directory]))
        {
            Assert.True(Pace.Until(15, () => _lxc.Stage.Run("test", "-e", $"{Directory}/proc/meminfo").ExitCode == 0), theirs.Log);
            container = _lxc.Start(new Wish());
            Assert.Contains("fuse.lxcfs", Exec(container, "cat", "/proc/self/mounts"), StringComparison.Ordinal);
            Assert.Equal(Engine.Memory >> 10, Total(container));

            using (Daemon early = Daemon.Begin(null, [.. _lxc.Stage.Inside, "procfs", "lxcfs", Directory]))
            {
                Assert.NotEqual(0, early.WaitForExit());
                early.Expect("is served by lxcfs itself: stop that first");
            }

            _ = Syscall.kill(Program(), end);
            theirs.WaitForExit();
        }

        using Daemon ours = Serve();
        _lxc.Restart(container);
        AssertServed(container);
        Assert.DoesNotContain("fuse.lxcfs", Exec(container, "cat", "/proc/self/mounts"), StringComparison.Ordinal);
        _lxc.Remove(container);
    }

    private void Open()
    {
        _lxc.Open(isPlugged: false);
        Assert.SkipWhen(_lxc.Missing is not null, _lxc.Missing ?? "");
        _lxc.Stage.Run("mkdir", "-p", Directory).Ok();
    }

    /// <summary>Our program in the place of theirs.</summary>
    private Daemon Serve(params string[] options)
    {
        _lxc.Stage.Run("ln", "-sf", "procfs", "/usr/bin/lxcfs").Ok();
        return Daemon.Launch(null, [.. _lxc.Stage.Inside, "lxcfs", .. options, Directory]);
    }

    private void AssertServed(string container)
    {
        Assert.Contains("fuse.procfs", Exec(container, "cat", "/proc/self/mounts"), StringComparison.Ordinal);
        Assert.Equal(Engine.Memory >> 10, Total(container));
        string stat = Exec(container, "cat", "/proc/stat");
        Assert.StartsWith("cpu  ", stat, StringComparison.Ordinal);
        double uptime = double.Parse(Exec(container, "cat", "/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(uptime, 0, Pace.Limit(120).TotalSeconds);
    }

    private long Total(string container) => ProcText.Kib(Exec(container, "cat", "/proc/meminfo"), "MemTotal");

    private string Exec(string container, params string[] command) => _lxc.Exec(container, command).Ok().TrimEnd('\n');

    /// <summary>What runs under the name lxcfs, theirs or ours, as the host numbers it; what started it in the stage is not meant.</summary>
    private static int Program() => Assert.Single(Processes.WithArgument(Directory), pid => Processes.CommandLine(pid) is ["lxcfs", ..]);

    /// <summary>The process that serves, as the host numbers it.</summary>
    private static int Server() => Assert.Single(Processes.WithArgument(Directory), pid => Processes.CommandLine(pid) is [_, "serve", ..]);
}
