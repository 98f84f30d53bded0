using System.Globalization;
using System.Text.Json.Nodes;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>How containers are shown, chosen for all or for one, and changed while they run; and files that are switched off.</summary>
public sealed class Choices(ServedTree tree)
{
    private static readonly long HostKib = ProcText.Kib(File.ReadAllText("/proc/meminfo"), "MemTotal");

    // /procfs-test-N
    //   container-1        memory 64 MiB, 1 CPU
    [Fact]
    public void What_is_configured_for_all_changes_without_a_restart()
    {
        using Site site = new(tree, "{}");
        using Daemon server = site.Serve();
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20, Quota = 100000 }, site.RunDirectory));
        Assert.Equal((64 << 10, 1), (Total(container), Cpus(container)));

        // A reader that keeps its file open sees it, too.
        using Running reader = container.Start("/usr/bin/python3", "-c", """
            import os, time
            file = os.open("/proc/meminfo", os.O_RDONLY)
            seen = []
            while len(seen) < 2:
                os.lseek(file, 0, os.SEEK_SET)
                total = os.read(file, 8192).split()[1].decode()
                if total not in seen:
                    seen.append(total)
                time.sleep(0.01)
            print(",".join(seen))
            """);
        Configure32();
        for (int turns = 0; !reader.Out.IsCompleted && turns < 5; turns++)
        {
            // It came too late to see what was before.
            ConfigureNothing();
            Configure32();
        }

        Assert.Equal(["32768", "65536"], reader.Finish(Pace.Limit(15)).Line().Split(',').Order());

        site.Configure("""{ "memory": "much" }""");
        server.Expect("the last one still counts");
        Assert.Equal(32 << 10, Total(container));
        ConfigureNothing();
        Assert.False(server.HasExited);

        void Configure32()
        {
            site.Configure("""{ "memory": "32m", "cpuView": "all", "logLevel": "debug" }""");
            Assert.True(Pace.Until(15, () => (Total(container), Cpus(container)) == (32 << 10, Environment.ProcessorCount)), server.Log);
        }

        void ConfigureNothing()
        {
            site.Configure("{}");
            Assert.True(Pace.Until(15, () => (Total(container), Cpus(container)) == (64 << 10, 1)), server.Log);
        }
    }

    // /procfs-test-N
    //   container-1        memory 64 MiB
    [Fact]
    public void A_configuration_that_is_broken_does_not_end_the_files_when_the_daemon_does()
    {
        using Site site = new(tree, """{ "memory": "32m" }""");
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20 }, site.RunDirectory));
        Assert.Equal(32 << 10, Total(container));

        site.Configure("""{ "memory": "3""");
        supervise.Expect("the last one still counts");
        _ = Syscall.kill(Assert.Single(site.Servers), Signum.SIGKILL);
        supervise.ExpectLife(2);
        Assert.Equal(32 << 10, Total(container));

        // The way out needs no configuration either.
        site.Run("detach", "--all").Ok();
        Assert.Empty(Hooked.Mounts(container.Pid));
        site.Run("attach", "--all").Ok();
        site.Configure("{}");
        Assert.True(Pace.Until(15, () => Total(container) == 64 << 10), supervise.Log);

        // A first start does not begin with a file that it cannot use.
        using Site other = new(tree, "{");
        other.AssertRefused("this is not JSON", other.ServeCommand);
    }

    // /procfs-test-N
    //   container-1        memory 64 MiB
    [Fact]
    public void Several_who_switch_files_off_at_once_lose_nothing()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20 }, tree.RunDirectory));
        string[] files = ["meminfo", "stat", "uptime", "swaps", "cpuinfo", "diskstats"];
        Running[] running = [.. files.Select(file => Child.Start(Daemon.Binary, "off", container.Id, "--files", file, "--mount", tree.Mount, "--run-dir", tree.RunDirectory))];
        Assert.All(running, one => one.Finish(Pace.Limit(30)).Ok());
        JsonNode entry = JsonNode.Parse(File.ReadAllText($"{tree.RunDirectory}/registry/{container.Id}.json"))!;
        Assert.Equal(files.Select(file => "proc/" + file).Order(StringComparer.Ordinal), entry["off"]!.AsArray().Select(file => (string)file!).Order(StringComparer.Ordinal));
        Assert.Equal(HostKib, Total(container));
        tree.Procfs("on", container.Id).Ok();
        Assert.Equal(64 << 10, Total(container));
    }

    // /procfs-test-N
    //   container-1        memory 64 MiB
    //   container-2        memory 64 MiB
    [Theory]
    [InlineData("runc")]
    [InlineData("crun")]
    public void Annotations_choose_for_one_container(string runtime)
    {
        using OciContainer other = tree.RunHooked(Hooked.With(new() { Runtime = runtime, Memory = 64 << 20 }, tree.RunDirectory));
        using OciContainer container = tree.RunHooked(Hooked.With(
            new()
            {
                Runtime = runtime,
                Memory = 64 << 20,
                Change = config => config["annotations"] = new JsonObject { ["io.procfs.memory"] = "48m", ["io.procfs.swap"] = "hide", ["io.procfs.btime"] = "container" },
            },
            tree.RunDirectory));

        Assert.Equal((48 << 10, 64 << 10), (Total(container), Total(other)));
        Assert.Equal(0, ProcText.Kib(container.Read("/proc/meminfo"), "SwapTotal"));
        Assert.Equal(BootTime(File.ReadAllText("/proc/stat")), BootTime(other.Read("/proc/stat")));
        Assert.True(BootTime(container.Read("/proc/stat")) > BootTime(other.Read("/proc/stat")));
    }

    // /procfs-test-N
    //   container-1        the last CPU of the host
    [Fact]
    public void Cpus_keep_the_hosts_numbers_where_that_is_wanted()
    {
        int last = Environment.ProcessorCount - 1;
        Assert.SkipWhen(last == 0, "this host has one CPU");
        using OciContainer container = tree.RunHooked(Hooked.With(
            new() { Cpuset = last.ToString(CultureInfo.InvariantCulture), Change = Hooked.Annotation("io.procfs.cpu-numbering", "host") }, tree.RunDirectory));
        string number = last.ToString(CultureInfo.InvariantCulture);

        Assert.Equal(number, container.Read("/sys/devices/system/cpu/online").Trim());
        Assert.Contains($"\ncpu{number} ", container.Read("/proc/stat"), StringComparison.Ordinal);
        Assert.DoesNotContain("\ncpu0 ", container.Read("/proc/stat"), StringComparison.Ordinal);
        Assert.Equal($"processor\t: {number}", ProcText.Lines(container.Read("/proc/cpuinfo"))[0]);
        // What it is for: pinning by the numbers that are shown.
        Assert.Equal(0, container.Exec("taskset", "--cpu-list", number, "true").ExitCode);
    }

    // /procfs-test-N
    //   container-1        memory 64 MiB
    [Fact]
    public void Attach_changes_a_container_that_runs_and_detaches_nothing()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20 }, tree.RunDirectory));
        string[] mounts = [.. container.OurFiles];
        tree.Procfs("attach", container.Id, "--memory", "40m").Ok();
        Assert.Equal(40 << 10, Total(container));
        tree.Procfs("attach", container.Id, "--swap", "hide").Ok();
        Assert.Equal(40 << 10, Total(container)); // what was chosen before stays
        tree.Procfs("attach", container.Id, "--memory", "limit").Ok();
        Assert.Equal(64 << 10, Total(container));
        Assert.Equal(mounts, container.OurFiles);
    }

    // /procfs-test-N
    //   container-1        memory 64 MiB, 1 CPU
    //   container-2        memory 64 MiB
    [Fact]
    public void Files_are_switched_off_for_one_container_and_for_all()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20, Quota = 100000 }, site.RunDirectory));
        using OciContainer other = tree.RunHooked(Hooked.With(new() { Memory = 64 << 20 }, site.RunDirectory));

        site.Run("off", container.Id, "--files", "meminfo").Ok();
        Assert.Equal((HostKib, 1, 64 << 10), (Total(container), Cpus(container), Total(other)));
        site.Run("off", container.Id).Ok();
        Assert.Equal((HostKib, Environment.ProcessorCount, 64 << 10), (Total(container), Cpus(container), Total(other)));
        site.Run("on", container.Id, "--files", "meminfo").Ok();
        Assert.Equal((64 << 10, Environment.ProcessorCount), (Total(container), Cpus(container)));

        site.Run("off", "--all", "--files", "meminfo").Ok();
        Assert.Equal((HostKib, HostKib), (Total(container), Total(other)));

        // Both outlive the daemon.
        supervise.Signal(Signum.SIGUSR1);
        supervise.ExpectLife(2);
        Assert.Equal((HostKib, HostKib, Environment.ProcessorCount), (Total(container), Total(other), Cpus(container)));

        site.Run("on", "--all").Ok();
        site.Run("on", container.Id).Ok();
        Assert.Equal((64 << 10, 64 << 10, 1), (Total(container), Total(other), Cpus(container)));
    }

    // /procfs-test-N
    //   container-1        memory 64 MiB, 1 CPU
    [Fact]
    public void Status_and_show_say_which_rule_gave_a_number()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(
            new() { Memory = 64 << 20, Quota = 100000, Change = Hooked.Annotation("io.procfs.swap", "hide") }, tree.RunDirectory));
        string status = tree.Procfs("status", "--why", "--set", "cpuView=quota").Ok();
        Assert.Contains($"served by process {tree.ServerPid}", status, StringComparison.Ordinal);
        Assert.Contains("1, with the time of 1: quota and cpuset count (by cpuView of --set): a quota of 1", status, StringComparison.Ordinal);
        Assert.Contains("memory: 65536 kB: the limit, cut to what the host has (by default of memory): limit 65536 kB, the tightest of ", status, StringComparison.Ordinal);
        Assert.Contains("swap: 0 kB: hidden (for this container, by io.procfs.swap or attach --swap)", status, StringComparison.Ordinal);

        JsonNode json = JsonNode.Parse(tree.Procfs("status", "--json").Ok())!["containers"]!.AsArray().Single(entry => (string)entry!["id"]! == container.Id)!;
        Assert.Equal((container.Pid, "65536 kB"), ((int)json["pid"]!, (string)json["memory"]!["value"]!));
        Assert.Contains("memory: 65536 kB: the limit", tree.Procfs("show", "--why", "--container", container.Id).Ok(), StringComparison.Ordinal);
        Assert.Contains("swap: 0 kB: hidden (for this container", tree.Procfs("show", "--why", "--pid", container.Pid.ToString(CultureInfo.InvariantCulture)).Ok(), StringComparison.Ordinal);
        Assert.Equal(0, ProcText.Kib(tree.Procfs("show", "meminfo", "--pid", container.Pid.ToString(CultureInfo.InvariantCulture)).Ok(), "SwapTotal"));
    }

    private static long Total(OciContainer container) => ProcText.Kib(container.Read("/proc/meminfo"), "MemTotal");

    private static int Cpus(OciContainer container) => ProcText.Lines(container.Read("/proc/cpuinfo")).Count(line => line.StartsWith("processor\t:", StringComparison.Ordinal));

    private static long BootTime(string stat)
        => long.Parse(ProcText.Lines(stat).First(line => line.StartsWith("btime ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
