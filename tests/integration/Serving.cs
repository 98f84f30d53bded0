using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

public sealed class Serving(ServedTree tree)
{
    [Theory]
    [InlineData(Signum.SIGTERM)]
    [InlineData(Signum.SIGINT)]
    public void A_signal_to_end_unmounts_and_is_success(Signum signal)
    {
        string mount = tree.NewDirectory("mount");
        using Daemon daemon = Daemon.Start(mount, tree.NewDirectory("run"));
        Assert.Single(FuseMounts.On(mount));

        daemon.Signal(signal);

        Assert.Equal(0, daemon.WaitForExit());
        Assert.Empty(FuseMounts.On(mount));
    }

    [Fact]
    public void A_signal_in_the_first_moment_after_it_says_serving_unmounts_too()
    {
        string mount = tree.NewDirectory("mount");
        string run = tree.NewDirectory("run");
        // The shell signals at the line itself, faster than a test can look; ten times, because it is a race.
        const string Script =
            """
            mkfifo "$1/log"
            for i in 1 2 3 4 5 6 7 8 9 10; do
                "$2" serve --mount "$3" --run-dir "$1" 2>"$1/log" &
                while read -r line; do case $line in *serving*) kill -TERM $!; break;; esac; done <"$1/log"
                wait $! || exit $?
            done
            """;

        try
        {
            Assert.Equal(0, Child.RunFor(Pace.Limit(60), "sh", "-c", Script, "sh", run, Daemon.Binary, mount).ExitCode);
            Assert.Empty(FuseMounts.On(mount));
        }
        finally
        {
            FuseMounts.Remove(mount);
        }
    }

    [Fact]
    public void It_ends_even_while_a_file_is_open()
    {
        string mount = tree.NewDirectory("mount");
        using Daemon daemon = Daemon.Start(mount, tree.NewDirectory("run"));
        using Running reader = Child.Start("sh", "-c", $"exec 3<{mount}/proc/meminfo; cat <&3 >/dev/null; sleep 600");
        Assert.True(Pace.Until(10, () => OpenFiles(reader.Process.Id).Contains($"{mount}/proc/meminfo")));

        daemon.Signal(Signum.SIGTERM);

        Assert.Equal(0, daemon.WaitForExit());
        Assert.Empty(FuseMounts.On(mount));
    }

    [Fact]
    public void A_mount_of_its_own_that_is_dead_is_taken_over()
    {
        string mount = tree.NewDirectory("mount");
        string run = tree.NewDirectory("run");
        using (Daemon killed = Daemon.Start(mount, run))
        {
            killed.Signal(Signum.SIGKILL);
            killed.WaitForExit();
            Assert.Single(FuseMounts.On(mount));

            using Daemon next = Daemon.Start(mount, run);

            Assert.StartsWith("MemTotal:", Child.Run("cat", $"{mount}/proc/meminfo").Ok(), StringComparison.Ordinal);
            Assert.Single(FuseMounts.On(mount));
            next.Signal(Signum.SIGTERM);
            Assert.Equal(0, next.WaitForExit());
            Assert.Empty(FuseMounts.On(mount));
        }
    }

    [Fact]
    public void Two_daemons_on_two_mounts_do_not_disturb_each_other()
    {
        string mount = tree.NewDirectory("mount");
        using Daemon second = Daemon.Start(mount, tree.NewDirectory("run"));

        Assert.Equal(Child.Run("cat", $"{tree.Mount}/proc/swaps").Ok(), Child.Run("cat", $"{mount}/proc/swaps").Ok());
    }

    [Fact]
    public void Without_work_it_hardly_wakes_up()
    {
        // One of its own: the other one may still have to do with the containers of the tests before.
        using Site site = new(tree);
        using Daemon server = site.Serve();
        site.AssertServed();
        // Its first sign of life, after 5 s, gives the memory of its start back.
        Thread.Sleep(8000);
        long[] used = new long[3];
        for (int i = 0; i < used.Length; i++)
        {
            long before = Ticks(server.Pid);
            Thread.Sleep(5000);
            used[i] = Ticks(server.Pid) - before;
        }

        // Two ticks are 20 ms: less than half a percent of a CPU. A busy machine charges it more, or delays what it does at its start, once.
        Assert.True(used.Count(ticks => ticks <= 2) >= 2, string.Join(' ', used));
    }

    /// <summary>User and system time of the server, in hundredths of a second.</summary>
    private static long Ticks(int server) => ProcText.Numbers(File.ReadAllText($"/proc/{server}/stat").Split(')')[^1].Replace("-", "", StringComparison.Ordinal))
        .Skip(10).Take(2).Sum();

    private static IEnumerable<string?> OpenFiles(int pid)
    {
        foreach (string fd in Directory.EnumerateFiles($"/proc/{pid}/fd"))
        {
            yield return new FileInfo(fd).LinkTarget;
        }
    }
}
