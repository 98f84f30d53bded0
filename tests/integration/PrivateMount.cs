using System.Globalization;
using System.Text.RegularExpressions;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>The connection is mounted in the run directory; what everybody sees is a part of it.</summary>
public sealed class PrivateMount(ServedTree tree)
{
    [Fact]
    public void The_public_mount_point_has_the_common_files_of_one_connection_that_is_roots_alone()
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();
        string place = site.PrivateMount;

        Assert.Equal(("/", "/common"), (FuseMounts.Root(place), FuseMounts.Root(site.Mount)));
        Assert.Equal(FuseMounts.Device(place), FuseMounts.Device(site.Mount));
        Assert.Equal(["fuse.procfs"], FuseMounts.On(place).Select(m => m.Type));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode($"{site.RunDirectory}/fuse"));
        Assert.Equal("c\ncommon\n", Child.Run("ls", place).Ok());
        Assert.Equal("proc\nsys\n", Child.Run("ls", site.Mount).Ok());
        server.Signal(Signum.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.Empty(FuseMounts.Below(site.RunDirectory));
        Assert.Empty(FuseMounts.On(site.Mount));
    }

    [Fact]
    [Trait("run", "long")]
    public void Every_connection_is_noted_with_the_boot_once()
    {
        using Site site = new(tree);
        string boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").TrimEnd();
        using Daemon supervise = site.Supervise();
        string first = Line();
        Assert.Equal([first], Noted());

        Processes.Kill(Assert.Single(site.Servers));
        supervise.ExpectLife(2);
        Assert.Equal([first], Noted());
        // Held open, so that its number is not given to the next one.
        using HeldFile file = new($"{site.Mount}/proc/meminfo");
        FuseMounts.Abort(site.Mount);
        supervise.ExpectLife(3);

        Assert.NotEqual(first, Line());
        Assert.Equal([first, Line()], Noted());

        string Line() => $"{boot} {FuseMounts.Device(site.Mount).Split(':')[1]} {Mark()} {Path.GetFileName(site.PrivateMount)}";
        string Mark() => Regex.Match(File.ReadLines("/proc/self/mountinfo").Single(l => l.Contains($" {site.PrivateMount.Replace("\\", "\\134", StringComparison.Ordinal)} ", StringComparison.Ordinal)), @"\bmax_read=(\d{10})\b").Groups[1].Value;
        string[] Noted() => File.ReadAllLines($"{site.RunDirectory}/connections");
    }

    /// <summary>Versions without a private mount mounted all of it at the public mount point.</summary>
    [Fact]
    [Trait("run", "long")]
    public void A_session_of_an_earlier_version_goes_on_and_gets_both()
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        string device = FuseMounts.Device(site.Mount);
        using Daemon holder = Daemon.Begin(null, site.HandOverCommand(first.Pid, "--earlier")[..^site.ServeCommand.Length][..^1]);
        holder.Expect("holding");
        Assert.Equal("/", FuseMounts.Root(site.Mount));
        Assert.Empty(FuseMounts.Below(site.RunDirectory));

        using Daemon next = site.HandOver(holder.Pid, "--spare");

        next.Expect("resumed");
        Assert.Equal((device, "/"), (FuseMounts.Device(site.PrivateMount), FuseMounts.Root(site.PrivateMount)));
        Assert.Equal((device, "/common"), (FuseMounts.Device(site.Mount), FuseMounts.Root(site.Mount)));
        Assert.Single(FuseMounts.On(site.Mount));
        site.AssertServed();
        Assert.Contains(device.Split(':')[1], File.ReadAllText($"{site.RunDirectory}/connections"), StringComparison.Ordinal);
    }

    /// <summary>No thread of the server may wait for its own mount: a daemon that stands still right after its start is ended by SIGKILL all the same.</summary>
    [Fact]
    [Trait("run", "long")]
    public void A_server_that_is_killed_at_any_moment_of_its_start_leaves_one_bind()
    {
        using Site site = new(tree);
        using Daemon first = site.Serve();
        string kills = Kills.Count(40, soak: 200).ToString(CultureInfo.InvariantCulture);
        Child.Run("umount", "--lazy", site.Mount).Ok(); // so that each of them has to bind

        string within = Pace.Limit(120).TotalSeconds.ToString(CultureInfo.InvariantCulture);

        using Daemon next = site.HandOver(first.Pid, "--kills", kills, "--within", within);

        site.AssertServed();
        Assert.Single(FuseMounts.On(site.Mount));
        Assert.Single(FuseMounts.On(site.PrivateMount));
    }
}
