using System.Diagnostics;
using static ProcFs.Integration.Tests.Support.Inside;

namespace ProcFs.Integration.Tests;

/// <summary>procfs attach: single containers, by hand.</summary>
[Trait("run", "long")]
public sealed class Attaching(ServedTree tree)
{
    private const string Summary = "containers: something attached to";

    /// <summary>Reads as fast as it can until a file is there; then tells how often, and what was wrong last.</summary>
    private const string Reader = """
        import os, sys
        count, wrong = 0, "nothing"
        open(sys.argv[1] + "/ready", "w").close()
        while not os.path.exists(sys.argv[1] + "/stop"):
            try:
                file = os.open("/proc/meminfo", os.O_RDONLY)
                text = os.read(file, 64)
                os.close(file)
            except OSError as error:
                text = str(error).encode()
            if text.split()[:3] != [b"MemTotal:", b"65536", b"kB"]:
                wrong = text.decode()
            count += 1
        print(count, wrong, sep="\n")
        """;

    [Fact]
    public void Each_process_of_a_registered_container_names_that_container()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20 }, tree.RunDirectory));
        string source = Source(container.Pid);
        string[] numbers = tree.Numbers();
        int later = Sleep(container);

        foreach (string name in new[] { container.Id, Text(container.Pid), Text(later) })
        {
            tree.Procfs("detach", name).Ok();
            Assert.Empty(Hooked.Mounts(container.Pid));
            tree.Procfs("attach", name).Ok();
            Assert.Equal(source, Source(container.Pid));
        }

        // It has one number and one name.
        Assert.Equal(numbers, tree.Numbers());
        Assert.Equal([$"{tree.RunDirectory}/registry/{container.Id}.json"], Hooked.Registered(tree.RunDirectory));
    }

    [Fact]
    public void Whoever_names_an_unregistered_container_registers_its_first_process()
    {
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = 64 << 20 });
        int later = Sleep(container);

        tree.Procfs("attach", Text(later), Text(container.Pid)).Ok();

        string source = Source(container.Pid);
        Assert.Equal([$"{tree.RunDirectory}/registry/pid-{container.Pid}.json"], Hooked.Registered(tree.RunDirectory));
        // What was started later may end; the container keeps its files and its number.
        Processes.Kill(later);
        Assert.True(Processes.Ends(later, 10));
        tree.Procfs("attach", $"pid-{container.Pid}").Ok();
        Assert.Equal(source, Source(container.Pid));
        Assert.Contains(source["/c/".Length..], tree.Numbers());
    }

    [Fact]
    public void A_second_attach_finds_everything_in_place()
    {
        using OciContainer container = tree.RunAttached(new());
        string mounts = File.ReadAllText($"/proc/{container.Pid}/mountinfo");

        Output again = tree.Procfs("attach", Text(container.Pid));
        Output all = tree.Procfs("attach", "--all");

        again.Ok();
        all.Ok();
        Assert.Equal(mounts, File.ReadAllText($"/proc/{container.Pid}/mountinfo"));
        Assert.Contains($"1 {Summary} 0, 0 failed", Assert.Single(ProcText.Lines(again.Error)), StringComparison.Ordinal);
        Assert.Contains($"1 {Summary} 0, 0 failed", Assert.Single(ProcText.Lines(all.Error)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_choice_of_files_is_what_a_container_has_from_then_on()
    {
        using OciContainer container = tree.RunAttached(new() { Memory = 64 << 20 }, "--files", "meminfo,cpu/online");
        string id = $"pid-{container.Pid}";
        _ = Source(container.Pid, "proc/meminfo", "sys/devices/system/cpu/online");

        tree.Procfs("attach", id, "--files", "/proc/uptime,meminfo").Ok();
        _ = Source(container.Pid, "proc/meminfo", "proc/uptime");
        tree.Procfs("attach", id).Ok();
        tree.Procfs("attach", "--all").Ok();
        _ = Source(container.Pid, "proc/meminfo", "proc/uptime");
        Assert.Equal(Text(64 << 10), MemTotal(container.Pid));
    }

    [Fact]
    public void A_choice_takes_binds_of_common_files_off_too()
    {
        using OciContainer container = tree.Run(new() { Memory = 64 << 20 });
        Assert.Equal("/common", Source(container.Pid, ServedTree.Mountable));

        tree.Procfs("attach", Text(container.Pid), "--files", "meminfo").Ok();

        Assert.StartsWith("/c/", Source(container.Pid, "proc/meminfo"), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_choice_of_CPUs_is_another_view_of_the_same_files()
    {
        using OciContainer container = tree.RunAttached(new(), "--cpu", "1");
        string source = Source(container.Pid);
        Assert.Equal("1", container.Exec("getconf", "_NPROCESSORS_ONLN").Line());

        tree.Procfs("attach", Text(container.Pid), "--cpu", "all").Ok();

        Assert.Equal(Text(Host.Cpus.Count), container.Exec("getconf", "_NPROCESSORS_ONLN").Line());
        Assert.Equal(source, Source(container.Pid));
    }

    [Theory]
    [InlineData(1, "no container \"nobody\" is registered", "nobody")]
    [InlineData(1, "no container \"../../etc/passwd\" is registered", "../../etc/passwd")]
    [InlineData(1, "there is no process 4194305", "4194305")]
    [InlineData(1, "is in the host's own mount namespace", "HOST")]
    [InlineData(2, "name a container")]
    [InlineData(2, "exclude each other", "--all", "nobody")]
    [InlineData(2, "for single containers", "--all", "--files", "meminfo")]
    [InlineData(2, "\"version\" is not served", "HOST", "--files", "meminfo,version")]
    [InlineData(2, "\"\" is not served", "HOST", "--files", "")]
    [InlineData(2, "--cpu must be", "HOST", "--cpu", "none")]
    public void What_cannot_be_done_is_one_sentence(int exitCode, string reason, params string[] arguments)
    {
        using OciContainer container = tree.Run(new() { IsBare = true });
        string host = Text(Environment.ProcessId);

        // The container is named first: nothing is done to it either.
        string[] names = exitCode == 1 ? [Text(container.Pid)] : [];
        Output output = tree.Procfs(["attach", .. names, .. arguments.Select(argument => argument == "HOST" ? host : argument)]);

        Assert.Equal(exitCode, output.ExitCode);
        Assert.StartsWith("procfs: ", Assert.Single(ProcText.Lines(output.Error)), StringComparison.Ordinal);
        Assert.Contains(reason, output.Error, StringComparison.Ordinal);
        Assert.Empty(Hooked.Registered(tree.RunDirectory));
        Assert.Empty(Hooked.Mounts(container.Pid));
    }

    [Fact]
    public void Without_a_daemon_nothing_is_done_and_one_sentence_says_so()
    {
        using Site site = new(tree);
        using OciContainer container = tree.Run(new() { IsBare = true });

        site.AssertRefused("no daemon listens at", [.. site.Command("attach"), Text(container.Pid)]);
        site.AssertRefused("no daemon listens at", [.. site.Command("attach"), "--all"]);
        Assert.Empty(Hooked.Registered(site.RunDirectory));
    }

    [Fact]
    public void A_container_that_ended_while_nobody_looked_leaves_the_registry()
    {
        string registry = $"{tree.RunDirectory}/registry";
        using OciContainer container = tree.RunAttached(new());
        File.WriteAllText($"{registry}/gone.json", """{"version":1,"id":"gone","pid":4194300,"startTime":1,"source":"hook"}""");
        File.SetUnixFileMode($"{registry}/gone.json", UnixFileMode.UserRead | UnixFileMode.UserWrite);

        tree.Procfs("attach", "--all").Ok();

        Assert.Equal([$"{registry}/pid-{container.Pid}.json"], Hooked.Registered(tree.RunDirectory));
    }

    // /procfs-test-N
    //   container-1 …          memory 64 MiB; its engine has bound the common files, and it reads while its own take their place
    [Fact]
    public void A_reader_in_a_tight_loop_never_notices_that_its_file_is_replaced()
    {
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 5), "needs Linux 6.5: mounting beneath another mount");
        int containers = Pace.Count(10);
        for (int i = 0; i < containers; i++)
        {
            string directory = tree.NewDirectory("reader");
            using OciContainer container = tree.Run(new() { Memory = 64 << 20, Writable = directory });
            using Running reader = Child.Start([.. container.ExecCommand(), "/usr/bin/python3", "-c", Reader, directory]);
            Assert.True(Pace.Until(15, () => File.Exists($"{directory}/ready")), "the reader does not start");
            Assert.Equal("/common", Source(container.Pid, ServedTree.Mountable));

            tree.Procfs("attach", Text(container.Pid)).Ok();

            Assert.StartsWith("/c/", Source(container.Pid), StringComparison.Ordinal);
            File.WriteAllText($"{directory}/stop", "");
            string[] told = reader.Finish(Pace.Limit(20)).Ok().Split('\n');
            Assert.Equal("nothing", told[1]);
            Assert.InRange(int.Parse(told[0], System.Globalization.CultureInfo.InvariantCulture), 10, int.MaxValue);
        }
    }

    [Fact]
    public void The_daemon_attaches_what_was_registered_and_not_confirmed_and_leaves_alone_what_was()
    {
        using Site site = new(tree);
        using Daemon daemon = site.Serve();
        using OciContainer confirmed = tree.Run(new() { IsBare = true, Change = MayMount }), interrupted = tree.Run(new() { IsBare = true, Memory = 64 << 20 });
        daemon.Expect(Summary);
        Child.Run([.. site.Command("attach"), Text(confirmed.Pid)]).Ok();
        // It has them no more, by its own doing: nobody fights about that.
        confirmed.Exec("umount", "/proc/meminfo").Ok();

        Thread.Sleep(Pace.Limit(12));
        Assert.Single(daemon.Lines(Summary));
        Assert.Equal(ServedTree.Attached.Length - 1, Hooked.Mounts(confirmed.Pid).Count);

        // A hook that is killed after the handshake.
        string entry = $"{site.RunDirectory}/registry/interrupted.json";
        File.WriteAllText(entry, $$"""{"version":1,"id":"interrupted","pid":{{interrupted.Pid}},"startTime":{{StartTime(interrupted.Pid)}},"source":"hook"}""");
        File.SetUnixFileMode(entry, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        long start = Stopwatch.GetTimestamp();
        Assert.StartsWith("CONTAINER ", Ask(site.RunDirectory, "REGISTER interrupted"), StringComparison.Ordinal);
        Assert.True(Pace.Until(25, () => Hooked.Mounts(interrupted.Pid).Count == ServedTree.Attached.Length), $"it has no files:\n{daemon.Log}");
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 9, double.MaxValue);
        Assert.Equal(Text(64 << 10), MemTotal(interrupted.Pid));
    }
}
