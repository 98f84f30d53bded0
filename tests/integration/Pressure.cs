using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        quota 0.2 CPUs or memory 32 MiB, in the v2 hierarchy as well; somebody waits at /proc/pressure/…

/// <summary>Triggers on pressure files, in containers that are really short of something.</summary>
public sealed class Pressure(ServedTree tree)
{
    // What is lost by telling of an event on a slow machine must not be the next one.
    private const string Free = "some 500000 2000000";
    private const int Quota = 20000;

    /// <summary>How long nobody may be woken before it counts as quiet: longer than two windows.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    private static readonly string[] Script = ["/usr/bin/python3", $"{AppContext.BaseDirectory}/pressure.py"];

    [Fact]
    public void The_files_show_the_containers_own_cgroup_and_can_be_written_to_while_the_others_cannot()
    {
        using OciContainer container = Attached();
        foreach ((string file, string _, string flags) in Hooked.Mounts(container.Pid))
        {
            Assert.Equal(Hooked.AccessTo(file), flags.Split(',')[0]);
        }

        foreach (string resource in new[] { "cpu", "io", "memory" })
        {
            // Averages move; what was lost in all hardly does in an idle container.
            string[] shown = Totals(container.Read($"/proc/pressure/{resource}")), own = Totals(File.ReadAllText($"{Unified(container)}/{resource}.pressure"));
            Assert.Equal(own.Length, shown.Length);
            Assert.All(shown.Zip(own), pair => Assert.InRange(Number(pair.First), 0, Number(pair.Second)));
        }

        Assert.Equal("-rw-rw-rw-", container.Shell("ls -l /proc/pressure/cpu | cut -c1-10").Line());
    }

    [Fact]
    public void What_may_be_written_is_what_the_kernel_takes_from_such_a_caller()
    {
        using OciContainer container = Attached();
        string said = container.Python(
            """
            import errno, os, sys
            for texts in sys.argv[1:]:
                fd = os.open("/proc/pressure/cpu", os.O_RDWR)
                for text in texts.split("|"):
                    try:
                        print(os.write(fd, text.encode().decode("unicode_escape").encode()), end=" ")
                    except OSError as error:
                        print(errno.errorcode[error.errno], end=" ")
                print()
                os.close(fd)
            """,
            "some 150000 1000000", "full 10000 2000000|full 10000 2000000|bad 1 2", "some 500000 11000000", "bad 1 2", @"some 150000 2000000\0", @"some 150000 2000000\n|x",
            "some 2000001 2000000", "some 0 2000000").Ok();
        Assert.Equal(["EINVAL ", "18 EBUSY EBUSY ", "EINVAL ", "EINVAL ", "20 ", "20 EBUSY ", "EINVAL ", "EINVAL "], ProcText.Lines(said));
        // A shell truncates what it writes to.
        container.Shell("echo 'some 150000 2000000' >/proc/pressure/memory").Ok();
        Assert.NotEqual(0, container.Shell("echo 'some 150000 1000000' >/proc/pressure/memory").ExitCode);
        Assert.NotEqual(0, container.Shell("chmod 777 /proc/pressure/memory").ExitCode);
        Assert.NotEqual(0, container.Shell("echo x >/proc/meminfo").ExitCode);
    }

    [Fact]
    public void A_container_has_64_triggers_at_most()
    {
        using OciContainer container = Attached();
        string said = container.Python(
            """
            import errno, os
            held = []
            while True:
                held.append(os.open("/proc/pressure/cpu", os.O_RDWR))
                try:
                    os.write(held[-1], b"some 150000 2000000")
                except OSError as error:
                    print(len(held) - 1, errno.errorcode[error.errno])
                    break
            os.close(held[0])
            os.close(held[1])
            import time
            for _ in range(100): # a close is told later
                try:
                    print(os.write(held[-1], b"some 150000 2000000"))
                    break
                except OSError:
                    time.sleep(0.05)
            """).Ok();
        Assert.Equal(["64 ENOSPC", "19"], ProcText.Lines(said));
    }

    [Theory]
    [InlineData("poll", "0x2")]
    [InlineData("select", "0x2")]
    [InlineData("epoll", "0x2")]
    [InlineData("edge", "0x2")]
    public void Whoever_waits_is_woken_when_the_container_is_short_of_CPU(string how, string events)
    {
        using OciContainer container = Attached();
        using Daemon waiting = Wait(container, "cpu", how);
        int before = AwaitQuiet(waiting);

        using Running squeezed = Squeeze(container);

        ExpectMore(waiting, before, $"event {events} EBUSY some");
    }

    [Fact]
    public void Each_of_several_is_woken_by_a_trigger_of_its_own()
    {
        using OciContainer container = Attached();
        using Daemon some = Wait(container, "cpu", "poll"), full = Wait(container, "cpu", "epoll", "full 500000 4000000"), other = Wait(container, "cpu", "select");
        int before = AwaitQuiet(some), beforeFull = AwaitQuiet(full), beforeOther = AwaitQuiet(other);

        using Running squeezed = Squeeze(container);

        ExpectMore(some, before, "event 0x2");
        ExpectMore(full, beforeFull, "event 0x2");
        ExpectMore(other, beforeOther, "event 0x2");
    }

    [Fact]
    public void Whoever_waits_is_woken_when_the_container_is_short_of_memory()
    {
        string scratch = tree.NewDirectory("thrash");
        Assert.SkipUnless(Child.Run("stat", "--file-system", "--format", "%T", scratch).Line() != "tmpfs" || Host.SwapTotalKib > 128 << 10,
            "pages of a file in tmpfs can only go to swap, and there is not enough of it");
        using OciContainer container = Attached(new() { Memory = 32 << 20, Writable = scratch });
        using Daemon waiting = Wait(container, "memory", "poll", "some 10000 2000000");
        int before = AwaitQuiet(waiting);

        using Running thrashing = container.Start("sh", "-c", "while :; do dd if=/dev/zero of=$1/big bs=1M count=96 conv=fsync 2>/dev/null; cat $1/big >/dev/null; done", "sh", scratch);
        Assert.True(Pace.Until(20, () => { Adopt(container); return Loops(container).Length > 0; }), "nothing thrashes");

        ExpectMore(waiting, before, "event 0x2");
    }

    [Fact]
    public void A_trigger_outlives_the_daemon_that_set_it()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = Attached(new(), site);
        using Daemon waiting = Wait(container, "cpu", "poll");
        for (int life = 2; life <= 4; life++)
        {
            int before = AwaitQuiet(waiting);
            Processes.Kill(Assert.Single(site.Servers));
            supervise.ExpectLife(life);
            site.AssertServed();

            using Running squeezed = Squeeze(container);

            // EBUSY: the trigger on the file that was opened before the kill is still there.
            ExpectMore(waiting, before, "event 0x2 EBUSY some");
            Processes.Kill(squeezed.Process.Id);
            KillLoops(container);
        }
    }

    [Fact]
    public void What_happens_while_nobody_serves_is_told_afterwards()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = Attached(new(), site);
        using Daemon waiting = Wait(container, "cpu", "poll");
        int before = AwaitQuiet(waiting);

        // The supervisor sleeps, so nobody takes the killed server's place.
        supervise.Signal(Mono.Unix.Native.Signum.SIGSTOP);
        int server = Assert.Single(site.Servers);
        Processes.Kill(server);
        using (Running squeezed = Squeeze(container))
        {
            long lost = Lost(container);
            Assert.True(Pace.Until(20, () => Lost(container) - lost > 700_000), "nothing is short of CPU");
            KillLoops(container);
        }

        Assert.Equal(before, waiting.Lines("event").Count);
        supervise.Signal(Mono.Unix.Native.Signum.SIGCONT);
        supervise.ExpectLife(2);
        ExpectMore(waiting, before, "event 0x2 EBUSY");
    }

    [Fact]
    public void Whoever_waits_for_a_cgroup_that_ends_is_told()
    {
        Daemon waiting;
        using (OciContainer container = Attached())
        {
            // From outside: what is inside ends with it.
            string source = Hooked.Mounts(container.Pid).Single(mount => mount.File == "proc/pressure/cpu").Root;
            waiting = Daemon.Begin(null, [.. Script, $"{Directory.GetDirectories($"{tree.RunDirectory}/fuse").Single()}{source}", Free, "poll"]);
            waiting.Expect("armed");
            AwaitQuiet(waiting);
            Assert.Empty(waiting.Lines("event 0xa"));
        }

        using (waiting)
        {
            waiting.Expect("event 0xa EBUSY", 20);
        }
    }

    [Fact]
    public void Without_a_trigger_a_poll_says_what_the_kernels_own_file_says()
    {
        using OciContainer container = Attached();
        const string ask = """
            import os, select, sys
            poll = select.poll()
            poll.register(os.open(sys.argv[1], os.O_RDONLY), select.POLLPRI | select.POLLIN)
            print(poll.poll(1000)[0][1])
            """;
        Assert.Equal(Child.Run("/usr/bin/python3", "-c", ask, "/proc/pressure/io").Line(), container.Python(ask, "/proc/pressure/io").Line());
    }

    private static string Unified(OciContainer container) => $"{CgroupMounts.Unified}{container.CgroupPath}";

    private static string[] Totals(string text) => [.. text.Split(' ', '\n').Where(field => field.StartsWith("total=", StringComparison.Ordinal))];

    private static long Number(string field) => long.Parse(field.Split('=')[1], CultureInfo.InvariantCulture);

    private static long Lost(OciContainer container) => Number(Totals(File.ReadAllText($"{Unified(container)}/cpu.pressure"))[0]);

    /// <summary>A container that is in the v2 hierarchy, also on a host where its runtime does not put it there, with the files that its cgroup has.</summary>
    private OciContainer Attached(ContainerOptions? options = null, Site? site = null)
    {
        Assert.SkipUnless(File.Exists("/proc/pressure/cpu") && CgroupMounts.Unified is not null, "this kernel tells no pressure, or no cgroup2 is mounted");
        OciContainer container = tree.Run((options ?? new()) with { IsBare = true, Quota = options?.Memory is null ? Quota : null });
        try
        {
            AdoptAll(container);
            string[] attach = site?.Command("attach") ?? [Daemon.Binary, "attach", "--mount", tree.Mount, "--run-dir", tree.RunDirectory];
            Child.Run([.. attach, container.Pid.ToString(CultureInfo.InvariantCulture)]).Ok();
            return container;
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    /// <summary>Everything that runs in the container is moved to its v2 cgroup.</summary>
    private static void AdoptAll(OciContainer container)
    {
        if (CgroupMounts.IsPureV2)
        {
            return;
        }

        // runc moves what it starts there before it begins.
        Pace.Until(0.5, () => false);
        Adopt(container);
    }

    /// <summary>Everything that is in the container's cgroup by now.</summary>
    private static void Adopt(OciContainer container)
    {
        if (CgroupMounts.IsPureV2)
        {
            return;
        }

        Directory.CreateDirectory(Unified(container));
        string processes = $"{CgroupMounts.Of("memory")}{container.CgroupPath}/cgroup.procs";
        foreach (string pid in File.ReadAllLines(processes))
        {
            try
            {
                File.WriteAllText($"{Unified(container)}/cgroup.procs", pid);
            }
            catch (IOException)
            {
                // It has ended.
            }
        }
    }

    private static Daemon Wait(OciContainer container, string resource, string how, string text = Free)
    {
        // The tests' directory is not in the container: the script goes as text.
        Daemon waiting = Daemon.Begin(null, [.. container.ExecCommand(), Script[0], "-c", File.ReadAllText(Script[1]), $"/proc/pressure/{resource}", text, how]);
        waiting.Expect("armed");
        AdoptAll(container);
        return waiting;
    }

    /// <summary>Waits until what was told is told: how often that was.</summary>
    private static int AwaitQuiet(Daemon waiting)
    {
        int count = -1;
        for (int tries = 0; tries < 12 && count != waiting.Lines("event").Count; tries++)
        {
            count = waiting.Lines("event").Count;
            Thread.Sleep(Quiet);
        }

        Assert.Equal(count, waiting.Lines("event").Count);
        return count;
    }

    /// <summary>Three loops, once they run: starting them alone can make a small container short of CPU.</summary>
    private static Running Squeeze(OciContainer container)
    {
        Running loops = container.Start("sh", "-c", "for i in 1 2 3; do (while :; do :; done) & done; wait");
        Assert.True(Pace.Until(20, () => { Adopt(container); return Loops(container).Length >= 3; }), "the loops do not start");
        return loops;
    }

    private static void KillLoops(OciContainer container)
    {
        bool areGone = Pace.Until(10, () =>
        {
            int[] loops = Loops(container);
            Array.ForEach(loops, Processes.Kill);
            return loops.Length == 0;
        });
        Assert.True(areGone, "the loops do not end");
    }

    private static int[] Loops(OciContainer container)
        => [.. File.ReadAllLines($"{Unified(container)}/cgroup.procs").Select(line => int.Parse(line, CultureInfo.InvariantCulture))
            .Where(pid => Processes.CommandLine(pid) is ["sh", ..])];

    private static void ExpectMore(Daemon waiting, int before, string line)
    {
        Assert.True(Pace.Until(20, () => waiting.Lines("event").Count > before), $"nobody was woken:\n{waiting.Log}");
        Assert.StartsWith(line, waiting.Lines("event")[before], StringComparison.Ordinal);
    }
}
