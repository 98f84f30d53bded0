using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   lost-0 … lost-99       memory 64 MiB + i MiB

/// <summary>The connection is lost, with all who kept it, while many containers run: one start of a server makes them whole.</summary>
[Trait("run", "long")]
public sealed partial class Reattach(ServedTree tree) : IDisposable
{
    private const int Containers = 100;

    /// <summary>A FUSE mount over a file that nobody will ever answer for, made inside the container.</summary>
    private const string NeverAnswers = """
        import ctypes, os, time
        libc = ctypes.CDLL(None, use_errno=True)
        device = os.open("/dev/fuse", os.O_RDWR)
        options = f"fd={device},rootmode=100444,user_id=0,group_id=0,allow_other".encode()
        if libc.mount(b"theirs", b"/proc/meminfo", b"fuse", 0, options) != 0:
            raise OSError(ctypes.get_errno(), "mount")
        print("covered", flush=True)
        time.sleep(600)
        """;

    private readonly List<OciContainer> _containers = [];

    public void Dispose() => _containers.ForEach(container => container.Dispose());

    [Fact]
    public void A_hundred_containers_are_whole_again_and_none_waits_for_one_that_lies()
    {
        int count = Math.Max(8, Pace.Count(Containers));
        using Site site = new(tree);
        using (Daemon first = site.Serve())
        {
            for (int i = 0; i < count; i++)
            {
                _containers.Add(tree.Run(new() { IsBare = true, Memory = Limit(i), Cgroup = $"lost-{i}" }));
            }

            Child.RunFor(Pace.Limit(60), [.. site.Command("attach"), .. _containers.Select(container => Text(container.Pid))]).Ok();
            AssertWhole(_containers, 0, first);
            first.Kill();
        }

        Assert.Contains("not connected", _containers[0].Exec("cat", "/proc/meminfo").Error, StringComparison.Ordinal);
        // One whose /proc is something else by now, and one that has covered a file of ours with what never answers.
        Enter(_containers[0], "mount", "-t", "tmpfs", "none", "/proc").Ok();
        string node = $"{_containers[1].Root}/dev/fuse";
        Child.Run("mknod", node, "c", "10", "229").Ok();
        using Running covering = Child.Start([.. Entering(_containers[1]), "/usr/bin/python3", "-c", NeverAnswers]);
        Assert.True(Pace.Until(10, () => MountsOf(_containers[1]).Contains(" fuse theirs ", StringComparison.Ordinal)), "the cover is not there");

        long start = Stopwatch.GetTimestamp();
        using Daemon next = site.Serve();
        next.Expect("containers: something attached to", 60);
        TimeSpan took = Stopwatch.GetElapsedTime(start);

        AssertWhole(_containers, 2, next);
        Assert.All(_containers.Skip(2), container => Assert.All(ServedTree.Attached, file => Assert.Equal(1, LayersOf(container, file))));
        // Nothing of theirs was touched, and each has one line.
        Assert.Contains(" fuse theirs ", MountsOf(_containers[1]), StringComparison.Ordinal);
        Assert.Contains(" /proc ", MountsOf(_containers[0]), StringComparison.Ordinal);
        Assert.Single(next.Lines($"pid-{_containers[0].Pid}"));
        Assert.Single(next.Lines($"pid-{_containers[1].Pid}"));

        double[] each = [.. next.Lines("replaced").SelectMany(line => Milliseconds().Matches(line)).Select(m => double.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).Order()];
        Assert.True(each.Length >= count - 2, $"{each.Length} containers say how long it took:\n{next.Log}");
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"failover: connection lost, {count} containers attached again: {each[each.Length / 2]:0.0} ms each (median), {each[^1]:0.0} ms at most; {took.TotalMilliseconds:0} ms from the start of the server to the last"));
    }

    /// <summary>Each reads its own limit, in one process: a hundred take long enough.</summary>
    private static void AssertWhole(List<OciContainer> containers, int from, Daemon daemon)
    {
        string script = "for pid; do head -n 1 /proc/$pid/root/proc/meminfo; done";
        string[] lines = [.. ProcText.Lines(Child.Run(["sh", "-c", script, "sh", .. containers.Skip(from).Select(container => Text(container.Pid))]).Ok())];
        for (int i = from; i < containers.Count; i++)
        {
            Assert.True(Limit(i) >> 10 == ProcText.Kib(lines[i - from], "MemTotal"), $"container {i}: {lines[i - from]}\n{MountsOf(containers[i])}\n{daemon.Log}");
        }
    }

    private static long Limit(int container) => (64L + container) << 20;

    private static string[] Entering(OciContainer container) => ["nsenter", "--target", Text(container.Pid), "--mount", "--"];

    private static Output Enter(OciContainer container, params string[] command) => Child.Run([.. Entering(container), .. command]);

    private static string MountsOf(OciContainer container) => File.ReadAllText($"/proc/{container.Pid}/mountinfo");

    private static int LayersOf(OciContainer container, string file) => ProcText.Lines(MountsOf(container)).Count(line => line.Split(' ')[4] == "/" + file);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("([0-9.]+) ms")]
    private static partial Regex Milliseconds();
}
