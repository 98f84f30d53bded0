using System.Diagnostics;
using System.Text.Json.Nodes;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>What procfs status says of containers and of the daemon, also while one of them answers nobody.</summary>
public sealed class Status(ServedTree tree) : IDisposable
{
    /// <summary>
    /// Mounts a file system of its own, and answers until somebody has moved into it. From then on whoever asks anything of it waits.
    /// </summary>
    private const string Hang = """
        import ctypes, os, select, struct, time
        libc = ctypes.CDLL(None, use_errno=True)
        device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={device},rootmode=40555,user_id=0,group_id=0,allow_other,default_permissions".encode()
        if libc.mount(b"hang", b"/tmp/hang", b"fuse", 0, options) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        print("mounted", flush=True)
        attributes = struct.pack("<QII6Q10I", 1 << 30, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0o40555, 2, 0, 0, 0, 4096, 0)
        init = struct.pack("<IIIIHHIIHHI7I", 7, 31, 65536, 0, 12, 9, 4096, 1, 1, 0, 0, *[0] * 7)
        while True:
            select.select([device], [], [])
            if os.path.exists("/tmp/inside"):
                break
            request = os.read(device, 65536)
            opcode, unique = struct.unpack_from("<IQ", request, 4)
            body = {26: init, 3: attributes}.get(opcode, b"")
            os.write(device, struct.pack("<IiQ", 16 + len(body), 0 if body else -38, unique) + body)
        time.sleep(600)
        """;

    /// <summary>Moves into it, root and working directory, and then asks for a file there.</summary>
    private const string MoveIn = """
        import os, time
        while not os.path.exists("/tmp/go"):
            time.sleep(0.02)
        inside = os.open("/tmp", os.O_RDONLY)
        os.chdir("/tmp/hang")
        os.chroot("/tmp/hang")
        os.close(os.open("inside", os.O_CREAT | os.O_WRONLY, dir_fd=inside))
        os.open("/anything", os.O_RDONLY)
        """;

    private readonly Site _site = new(tree);

    public void Dispose() => _site.Dispose();

    // /procfs-test-N
    //   container-1            memory 64 MiB
    [Fact]
    public void A_container_is_listed_with_its_files_and_what_it_reads()
    {
        using Daemon daemon = _site.Serve();
        using OciContainer container = tree.Run(new() { IsBare = true, Memory = 64 << 20 });
        Child.Run([.. _site.Command("attach"), Inside.Text(container.Pid)]).Ok();
        long before = (long)Only(container.Pid)["reads"]!;
        for (int i = 0; i < 4; i++)
        {
            container.Read("/proc/meminfo");
        }

        JsonNode status = Only(container.Pid);
        Assert.InRange((long)status["reads"]! - before, 4, 100);
        Assert.InRange((double)status["secondsSinceRead"]!, 0, Pace.Limit(15).TotalSeconds);
        Assert.Equal((ServedTree.Attached.Length, 0, 0), ((int)status["mounts"]!["own"]!, (int)status["mounts"]!["common"]!, (int)status["mounts"]!["dead"]!));
        Assert.Contains("65536 kB", (string)status["memory"]!["value"]!, StringComparison.Ordinal);

        string[] lines = ProcText.Lines(_site.Run("status").Ok()).ToArray();
        Assert.StartsWith($"{_site.Mount}: served by process {daemon.Pid} (", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("since boot: ", lines[1], StringComparison.Ordinal);
        Assert.Contains($" {ServedTree.Attached.Length} own ", Assert.Single(lines, line => line.Contains($" {container.Pid} ", StringComparison.Ordinal)), StringComparison.Ordinal);

        using (Daemon watch = Daemon.Begin(null, [.. _site.Command("status"), "--watch", "0.2"]))
        {
            Assert.True(Pace.Until(15, () => watch.Lines("served by process").Count >= 2), watch.Log);
            watch.Kill();
        }

        daemon.Kill();
        Assert.Contains("nobody serves it", _site.Run("status").Ok(), StringComparison.Ordinal);
        Assert.Contains($" {ServedTree.Attached.Length} own, unserved ", _site.Run("status").Ok(), StringComparison.Ordinal);
    }

    // /procfs-test-N
    //   container-1
    [Fact]
    public void A_configuration_that_is_broken_meanwhile_takes_nothing_away_but_is_told()
    {
        using Site site = new(tree, """{ "swap": "hide" }""");
        using Daemon daemon = site.Serve();
        using OciContainer container = tree.Run(new() { IsBare = true });
        Child.Run([.. site.Command("attach"), Inside.Text(container.Pid)]).Ok();
        string Swap() => (string)Assert.Single(JsonNode.Parse(site.Run("status", "--json").Ok())!["containers"]!.AsArray())!["swap"]!["value"]!;
        string before = Swap();

        site.Configure("{ \"swap\": ");
        Assert.Equal(before, Swap());
        Output told = site.Run("status");
        Assert.StartsWith($"{site.Mount}: served by process {daemon.Pid} (", told.Ok(), StringComparison.Ordinal);
        string sentence = Assert.Single(ProcText.Lines(told.Error));
        Assert.StartsWith($"procfs: {site.ConfigFile}, line 1: this is not JSON;", sentence, StringComparison.Ordinal);
        Assert.EndsWith(".config counts, which the daemon has understood last", sentence, StringComparison.Ordinal);

        using Daemon watch = Daemon.Begin(null, [.. site.Command("status"), "--watch", "0.2"]);
        watch.Expect(sentence);
        int rounds = watch.Lines("served by process").Count;
        Assert.True(Pace.Until(15, () => watch.Lines("served by process").Count >= rounds + 4), watch.Log);
        watch.Kill();
        Assert.Single(ProcText.Lines(watch.Log), line => line == sentence); // once, not again and again
    }

    // /procfs-test-N
    //   container-1            common files, bound by its engine
    [Fact]
    public void Common_files_are_told_from_own_ones()
    {
        using Daemon daemon = _site.Serve();
        using OciContainer container = tree.Run(new() { Mount = _site.Mount });
        Child.Run([.. _site.Command("attach"), "--files", "uptime", Inside.Text(container.Pid)]).Ok();
        JsonNode mounts = Only(container.Pid)["mounts"]!;
        Assert.Equal((1, 0), ((int)mounts["own"]!, (int)mounts["dead"]!));
    }

    // /procfs-test-N
    //   container-1            its first process has root and working directory in a file system that answers nobody, and waits for it
    [Fact]
    public void A_container_whose_own_file_system_hangs_keeps_nobody_waiting()
    {
        using Daemon daemon = _site.Serve();
        using OciContainer container = tree.Run(new()
        {
            IsBare = true,
            Command = ["/usr/bin/python3", "-c", MoveIn],
            Change = config =>
            {
                foreach ((_, JsonNode? set) in config["process"]!["capabilities"]!.AsObject())
                {
                    set!.AsArray().Add("CAP_SYS_CHROOT");
                }
            },
        });
        Child.Run([.. _site.Command("attach"), Inside.Text(container.Pid)]).Ok();
        Child.Run("mknod", $"{container.Root}/dev/fuse", "c", "10", "229").Ok();
        container.Shell("mkdir /tmp/hang").Ok();
        using Running server = Child.Start("nsenter", "--target", Inside.Text(container.Pid), "--mount", "--", "/usr/bin/python3", "-c", Hang);
        Assert.True(Pace.Until(15, () => File.ReadAllText($"/proc/{container.Pid}/mountinfo").Contains(" - fuse hang ", StringComparison.Ordinal)), "the file system is not mounted");
        container.Shell("touch /tmp/go").Ok();
        Assert.True(Pace.Until(15, () => Wchan(container.Pid).Contains("fuse", StringComparison.Ordinal) || Wchan(container.Pid).Contains("request_wait", StringComparison.Ordinal)),
            $"nobody waits: {Wchan(container.Pid)}");

        (string[] Command, string Expected)[] questions =
        [
            (["status"], $" {container.Pid} "), (["status", "--json", "--why"], $"\"pid\": {container.Pid}"), (["metrics"], "procfs_containers 1\n"),
        ];
        foreach ((string[] command, string expected) in questions)
        {
            TimeSpan best = Best(5, () => Assert.Contains(expected, _site.Run(command[0], command[1..]).Ok(), StringComparison.Ordinal));
            TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', command)}: {best.TotalMilliseconds:0} ms");
            Assert.True(best < Pace.Limit(1), $"{string.Join(' ', command)} took {best}");
        }

        // Nor does a daemon that does nothing at all.
        daemon.Signal(Signum.SIGSTOP);
        try
        {
            Assert.Equal(container.Pid, (int)Only(container.Pid)["pid"]!);
            Assert.True(Best(5, () => _site.Run("metrics").Ok()) < Pace.Limit(1));
        }
        finally
        {
            daemon.Signal(Signum.SIGCONT);
        }
    }

    private JsonNode Only(int pid)
        => Assert.Single(JsonNode.Parse(_site.Run("status", "--json").Ok())!["containers"]!.AsArray(), container => (int)container!["pid"]! == pid)!;

    /// <summary>Of several attempts: the machine may do other things.</summary>
    private static TimeSpan Best(int attempts, Action action) => Enumerable.Range(0, attempts).Min(_ =>
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start);
    });

    /// <summary>Where in the kernel a process waits.</summary>
    private static string Wchan(int pid) => Child.Run("cat", $"/proc/{pid}/stack", $"/proc/{pid}/wchan").Out;
}
