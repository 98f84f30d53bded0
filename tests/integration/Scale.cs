using System.Globalization;

namespace ProcFs.Integration.Tests;

/// <summary>Many containers and many requests leave the daemon as it was, and one that nobody asks sleeps. In figures: bench/scale.</summary>
[Trait("run", "long")]
public sealed class Scale(ServedTree tree, ITestOutputHelper output)
{
    private const int Containers = 50;
    private const int Requests = 100_000;
    private const int RequestsPerRead = 4; // OPEN, READ, READ, RELEASE

    // Whole files of all containers in turns, from outside: a container's file shows that container whoever reads. Ends with the number of reads.
    private const string ReadAll =
        """
        import os, sys
        rounds, pids = int(sys.argv[1]), sys.argv[2:]
        files = [f"/proc/{pid}/root/proc/{name}" for pid in pids for name in ("meminfo", "stat", "cpuinfo", "uptime", "diskstats")]
        reads = 0
        for _ in range(rounds):
            for file in files:
                descriptor = os.open(file, os.O_RDONLY)
                while os.read(descriptor, 65536): pass
                os.close(descriptor)
                reads += 1
        print(reads)
        """;

    [Fact]
    public void Many_requests_of_many_containers_leave_neither_memory_nor_descriptors_behind()
    {
        const int files = 5;
        string mount = tree.NewDirectory("mount"), run = tree.NewDirectory("run");
        using Daemon daemon = Daemon.Start(mount, run);
        List<OciContainer> containers = [];
        try
        {
            for (int i = 0; i < Math.Max(2, Pace.Count(Containers)); i++)
            {
                containers.Add(tree.Run(new() { IsBare = true, Memory = 64 << 20, Quota = 150_000 }));
            }

            string[] pids = [.. containers.Select(container => container.Pid.ToString(CultureInfo.InvariantCulture))];
            Child.RunFor(Pace.Limit(30), [Daemon.Binary, "attach", .. pids, "--mount", mount, "--run-dir", run]).Ok();
            Assert.All(containers, container => Assert.Equal(ServedTree.Attached.Length, container.OurFiles.Count));

            int rounds = Math.Max(2, Pace.Count(Requests) / (pids.Length * files * RequestsPerRead));
            Read(Math.Max(1, rounds / 5)); // until each worker has seen each container
            (long Rss, long Anonymous, int Descriptors) before = Use(daemon.Pid);
            int requests = Read(rounds) * RequestsPerRead;
            (long Rss, long Anonymous, int Descriptors) after = Use(daemon.Pid);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"measured: {containers.Count} containers, {requests} requests: RSS from {before.Rss} to {after.Rss} KiB, anonymous memory from {before.Anonymous} to {after.Anonymous} KiB, descriptors from {before.Descriptors} to {after.Descriptors}"));
            Assert.True(after.Rss - before.Rss <= 1024, $"RSS grew from {before.Rss} to {after.Rss} KiB");
            Assert.True(after.Anonymous - before.Anonymous <= 256, $"anonymous memory grew from {before.Anonymous} to {after.Anonymous} KiB");
            Assert.True(after.Descriptors - before.Descriptors <= 8, $"descriptors grew from {before.Descriptors} to {after.Descriptors}");
            // Generous: a daemon without containers has some 14 MiB, most of it the program.
            Assert.True(after.Rss <= 24 * 1024, $"RSS is {after.Rss} KiB");

            int Read(int count) => int.Parse(Child.RunFor(Pace.Limit(60), ["/usr/bin/python3", "-c", ReadAll, count.ToString(CultureInfo.InvariantCulture), .. pids]).Line(), CultureInfo.InvariantCulture);
        }
        finally
        {
            containers.ForEach(container => container.Dispose());
        }
    }

    [Fact]
    public void A_daemon_that_nobody_asks_wakes_up_once_in_five_seconds()
    {
        const int seconds = 10, beats = seconds / 5;
        using Daemon daemon = Daemon.Start(tree.NewDirectory("mount"), tree.NewDirectory("run"));
        Thread.Sleep(3000); // until the start's own threads have come to rest
        Dictionary<string, long> before = Waits(daemon.Pid);
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        Dictionary<string, long> after = Waits(daemon.Pid);
        (string Thread, long Waits)[] woken = [.. after.Select(t => (t.Key, t.Value - before.GetValueOrDefault(t.Key))).Where(t => t.Item2 > 0)];
        output.WriteLine($"measured: an idle daemon in {seconds} s: {woken.Sum(t => t.Waits)} wake-ups of {woken.Length} threads");
        // A beat at each end of the time, and one wait for a lock or a page in each of them.
        Assert.True(woken.Sum(t => t.Waits) <= 2 * (beats + 1), $"it woke up: {string.Join(", ", woken.Select(t => $"thread {t.Thread} {t.Waits} times"))}");
    }

    [Fact]
    public void Sampling_the_load_of_a_container_wakes_it_up_once_more_in_five_seconds()
    {
        const int seconds = 15, beats = seconds / 5;
        string mount = tree.NewDirectory("mount"), run = tree.NewDirectory("run");
        using Daemon daemon = Daemon.Start(mount, run);
        using OciContainer container = tree.RunHooked(Hooked.With(new(), run));
        Child.Run("cat", $"{container.Root}/proc/loadavg").Ok();
        Thread.Sleep(3000);
        Dictionary<string, long> before = Waits(daemon.Pid);
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        Dictionary<string, long> after = Waits(daemon.Pid);
        (string Thread, long Waits)[] woken = [.. after.Select(t => (t.Key, t.Value - before.GetValueOrDefault(t.Key))).Where(t => t.Item2 > 0)];
        output.WriteLine($"measured: a daemon that samples one container in {seconds} s: {woken.Sum(t => t.Waits)} wake-ups of {woken.Length} threads");
        // One thread's more than without; each wake-up may have to wait for a lock or a page once.
        Assert.True(woken.Sum(t => t.Waits) <= 4 * (beats + 1), $"it woke up: {string.Join(", ", woken.Select(t => $"thread {t.Thread} {t.Waits} times"))}");
        Assert.True(after.Count > 0 && woken.Length > 0, "nothing was sampled");
    }

    /// <summary>Resident memory, and what of it is no file's, in KiB; and how many descriptors are open.</summary>
    private static (long Rss, long Anonymous, int Descriptors) Use(int pid)
    {
        string[] status = File.ReadAllLines($"/proc/{pid}/status");
        return (Kib("VmRSS:"), Kib("RssAnon:"), Processes.OpenFiles(pid).Count);

        long Kib(string key)
            => long.Parse(status.First(l => l.StartsWith(key, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    /// <summary>How often each thread has begun to wait. One that ended meanwhile is not there.</summary>
    private static Dictionary<string, long> Waits(int pid) => Directory.GetDirectories($"/proc/{pid}/task").ToDictionary(
        task => Path.GetFileName(task),
        task => long.Parse(
            File.ReadLines($"{task}/status").First(l => l.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture));
}
