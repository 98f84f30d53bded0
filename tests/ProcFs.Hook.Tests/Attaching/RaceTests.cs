using System.Diagnostics;
using System.Globalization;
using ProcFs.Hook.Attaching;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Attaching;

/// <summary>What happens between any two steps of an attach. Needs root and /dev/fuse.</summary>
public sealed class RaceTests
{
    private static readonly string[] Files = ["proc/meminfo", "proc/uptime", "proc/pressure/cpu"];

    /// <summary>Reads as fast as a shell can until the file "stop" is there; then tells how often it was right, or what it saw instead.</summary>
    private const string Reader = """
        echo ready
        n=0
        while [ ! -e $STOP ]; do
            if read -r line </proc/meminfo; then
                case $line in ours*) n=$((n + 1)) ;; *) echo "saw $line"; exit ;; esac
            else
                echo "could not read after $n"; exit
            fi
        done
        echo "right $n"
        """;

    [Fact]
    public void A_reader_in_a_tight_loop_never_notices_that_a_file_is_replaced()
    {
        Root.IsNeeded();
        Assert.SkipUnless(Environment.OSVersion.Version >= new Version(6, 5), "needs Linux 6.5: mounting beneath another mount");
        using ServedMount mount = new();
        using ServedMount next = new();
        using Container container = Container.WithPids();
        container.Attach(mount, mount.Own, "proc/meminfo");
        string stop = mount.Directory + ".stop";
        try
        {
            using Child reader = container.StartShell($"STOP={stop}\n{Reader}");
            for (int i = 0; i < 200; i++)
            {
                // Two connections, two numbers: whichever is "served now" puts its file in the other's place.
                (ServedMount to, ServedMount from) = i % 2 == 0 ? (next, mount) : (mount, next);
                AttachRequest request = container.Request(to, to.After(from), "proc/meminfo");
                Assert.Equal(AttachOutcome.Replaced, Assert.Single(Attacher.Attach(request).Files).Outcome);
            }

            File.WriteAllText(stop, "");
            string[] words = reader.ReadLine()!.Split(' ');
            Assert.Equal("right", words[0]);
            Assert.InRange(int.Parse(words[1], CultureInfo.InvariantCulture), 100, int.MaxValue);
            Assert.Equal(1, container.Mounts.Count(line => line.Split(' ')[4] == "/proc/meminfo"));
        }
        finally
        {
            File.Delete(stop);
        }
    }

    [Theory]
    [InlineData("mount --bind /etc/hostname /proc/meminfo; umount /proc/meminfo")]
    [InlineData("mount -n -t tmpfs none /proc; mkdir -p /proc/pressure; : >/proc/meminfo; umount -n /proc")]
    [InlineData("umount -n /proc/meminfo; umount -n /proc/uptime")]
    [InlineData("mv /mnt/root/proc /mnt/root/old; mkdir /mnt/root/proc; rmdir /mnt/root/proc; mv /mnt/root/old /mnt/root/proc")]
    public void Remounts_and_renames_during_an_attach_put_nothing_where_it_should_not_be(string race)
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        using Container container = Container.WithPids();
        // /mnt/root/proc is a directory that can be renamed; the mount on it moves along.
        container.Shell("mount -t tmpfs none /mnt && mkdir -p /mnt/root/proc && mount -t proc proc /mnt/root/proc");
        AttachRequest atRoot = container.Request(mount, mount.Own, Files);
        AttachRequest[] requests = [atRoot, atRoot with { RootPath = "/mnt/root" }];
        string stop = mount.Directory + ".stop";
        Child? racer = null;
        try
        {
            racer = container.StartShell($"exec 2>/dev/null; echo ready; while [ ! -e {stop} ]; do {race}; done; echo done");
            Stopwatch all = Stopwatch.StartNew();
            for (int i = 0; all.Elapsed < TimeSpan.FromSeconds(1); i++)
            {
                long start = Stopwatch.GetTimestamp();
                Attacher.Attach(requests[i % 2]);
                Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Container.Patience);
            }

            File.WriteAllText(stop, "");
            Assert.Equal("done", racer.ReadLine());
        }
        finally
        {
            racer?.Dispose();
            File.Delete(stop);
        }

        // Whatever is there of ours lies on a procfs, on the file of the same name; and a last attach, in peace, makes all whole.
        container.Shell("while [ \"$(stat -f -c %T /proc)\" != proc ]; do umount -n /proc; done; "
            + "while umount -n /proc/meminfo; do :; done; while umount -n /mnt/root/proc/meminfo; do :; done");
        foreach (AttachRequest request in requests)
        {
            AttachReport report = Attacher.Attach(request);
            Assert.Null(report.Refusal);
            Assert.All(report.Files, file => Assert.True(file.Outcome is AttachOutcome.Attached or AttachOutcome.Present, file.ToString()));
        }

        Dictionary<string, string[]> mounts = container.Mounts.Select(line => line.Split(' ')).ToDictionary(fields => fields[0]);
        Assert.All(mounts.Values.Where(fields => fields.Contains("fuse.procfs") && fields[3].StartsWith("/c/7/", StringComparison.Ordinal)), fields =>
        {
            Assert.Contains("proc", mounts[fields[1]].SkipWhile(field => field != "-").Skip(1).Take(1));
            Assert.EndsWith(fields[3]["/c/7".Length..], fields[4], StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_process_that_ends_between_any_two_steps_is_told_or_does_not_matter()
    {
        Root.IsNeeded();
        using ServedMount mount = new();
        for (int i = 0; i < 25; i++)
        {
            using Container container = Container.WithPids();
            int wait = i;
            Thread killer = new(() =>
            {
                Thread.SpinWait(wait * 4000);
                container.End();
            });
            killer.Start();
            AttachReport report = container.Attach(mount, mount.Own, Files);
            killer.Join();
            Assert.True(
                report.Refusal is not null || report.Files.All(file => file.Outcome is AttachOutcome.Attached or AttachOutcome.Missing or AttachOutcome.Failed),
                string.Join(", ", report.Files));
        }
    }
}
