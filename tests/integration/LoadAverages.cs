using System.Diagnostics;
using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        process 1: three threads, two of which always run; its child is blocked: it has begun another program by vfork, which does not come to its start
public sealed class LoadAverages(ServedTree tree, ITestOutputHelper output)
{
    private const int Active = 3;
    private const int StepSeconds = 5;

    // posix_spawn(3) waits, in state D, for its child to become the program; the child waits for somebody to write to the pipe first.
    private const string Load =
        """
        import hashlib, os, signal, threading
        if os.fork() == 0:
            os.mkfifo('/tmp/pipe')
            os.posix_spawn('/bin/true', ['true'], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, '/tmp/pipe', os.O_RDONLY, 0)])
        for _ in range(2):
            threading.Thread(target=hashlib.pbkdf2_hmac, args=('sha256', b'', b'', (1 << 31) - 1), daemon=True).start()
        signal.pause()
        """;

    [Fact]
    public void The_averages_are_the_kernels_arithmetic_over_the_states_of_the_containers_threads()
    {
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Command = ["/usr/bin/python3", "-c", Load] }, tree.RunDirectory));
        AwaitLoad(container);
        List<(long Hundredths, double Seconds)> shown = [];
        List<int> seen = [];
        Stopwatch since = Stopwatch.StartNew();
        while (since.Elapsed.TotalSeconds < 28)
        {
            seen.Add(ActiveNow(container));
            shown.Add((OneMinute(Read(container)), since.Elapsed.TotalSeconds));
            Thread.Sleep(500);
        }

        output.WriteLine($"active: {string.Join(' ', seen)}; 1 minute, in hundredths: {string.Join(' ', shown.Select(s => s.Hundredths))}");
        foreach ((long hundredths, double seconds) in shown)
        {
            // The sampler's moments are not ours: one step more or less.
            int steps = 1 + (int)(seconds / StepSeconds);
            Assert.InRange(hundredths, Reference(steps - 2, seen.Min()), Reference(steps + 1, seen.Max()));
        }

        Assert.Equal(shown.Select(s => s.Hundredths).Order(), shown.Select(s => s.Hundredths));
        // First of all one step from zero; at the end at least four more.
        Assert.InRange(shown[0].Hundredths, Reference(1, seen.Min()), Reference(1, seen.Max()));
        Assert.InRange(shown[^1].Hundredths, Reference(5, seen.Min()), Reference(7, seen.Max()));
        string[] counts = Read(container).Split(' ');
        Assert.Equal("2/5", counts[3]); // the two that run; three threads of the first, its child, and its child's child
        Assert.Equal(All(container).SelectMany(Processes.InnermostIds).Max(), int.Parse(counts[4], CultureInfo.InvariantCulture));
    }

    [Fact]
    [Trait("run", "long")]
    public void A_daemon_that_is_killed_does_not_make_them_fall()
    {
        using Site site = new(tree);
        using Daemon supervise = site.Supervise();
        using OciContainer container = tree.RunHooked(Hooked.With(new() { Command = ["/usr/bin/python3", "-c", Load] }, site.RunDirectory));
        AwaitLoad(container);
        Stopwatch since = Stopwatch.StartNew();
        Read(container);
        Thread.Sleep((2 * StepSeconds * 1000) + 700);
        long before = OneMinute(Read(container));
        Assert.InRange(before, Reference(2, Active), Reference(MostSteps(), Active));

        Processes.Kill(Assert.Single(site.Servers));
        supervise.ExpectLife(2);

        long after = OneMinute(Read(container));
        output.WriteLine($"measured: {before} hundredths before the kill, {after} after it");
        Assert.InRange(after, before, Reference(MostSteps() + 1, Active)); // the next daemon makes one, too
        Thread.Sleep(2 * StepSeconds * 1000);
        Assert.InRange(OneMinute(Read(container)), Reference(4, Active), Reference(MostSteps() + 1, Active));

        // The first is made by the first read.
        int MostSteps() => 1 + (int)(since.Elapsed.TotalSeconds / StepSeconds);
    }

    /// <summary>The 1-minute average, in hundredths, after so many steps from zero with a steady number of active threads.</summary>
    private static long Reference(int steps, int active)
    {
        long load = 0;
        for (int i = 0; i < steps; i++)
        {
            load = ((load * 1884) + (active * 2048 * 164) + 2047) / 2048;
        }

        return (load + 10) * 100 / 2048;
    }

    private static void AwaitLoad(OciContainer container)
        => Assert.True(Pace.Until(20, () => Enumerable.Range(0, 5).All(_ => IsActive(container))), $"there are {ActiveNow(container)} active threads, not {Active}: {container.Log}");

    /// <summary>Whether they all are, for a moment: while it starts they are, now and then.</summary>
    private static bool IsActive(OciContainer container)
    {
        Thread.Sleep(40);
        return ActiveNow(container) == Active;
    }

    /// <summary>Threads in state R or D of the container's processes, from the host's /proc.</summary>
    private static int ActiveNow(OciContainer container) => All(container).SelectMany(Processes.ThreadStates).Count(state => state is 'R' or 'D');

    private static List<int> All(OciContainer container)
    {
        List<int> processes = [container.Pid];
        for (int i = 0; i < processes.Count; i++)
        {
            processes.AddRange(Processes.ChildrenOf(processes[i]));
        }

        return processes;
    }

    /// <summary>From outside: whoever is in the container is one thread more.</summary>
    private static string Read(OciContainer container) => Child.Run("cat", $"{container.Root}/proc/loadavg").Line();

    private static long OneMinute(string line) => long.Parse(line.Split(' ')[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
