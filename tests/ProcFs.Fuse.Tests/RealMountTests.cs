using System.Globalization;
using ProcFs.Interop;

namespace ProcFs.Fuse.Tests;

/// <summary>The real kernel. Needs root and /dev/fuse.</summary>
public class RealMountTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Files_are_read_listed_and_refused_as_they_should()
    {
        TinyFileSystem fileSystem = new();
        using RealMount mount = new(fileSystem);
        Assert.Equal(TinyFileSystem.Meminfo, mount.Shell("cat $M/meminfo").Output);
        Assert.Equal(TinyFileSystem.Meminfo, mount.Shell("cat $M/link").Output);
        Assert.Equal(TinyFileSystem.Meminfo, mount.Shell("dd if=$M/meminfo bs=1 status=none").Output);
        Assert.Equal(TinyFileSystem.Meminfo[19..26], mount.Shell("dd if=$M/meminfo bs=1 skip=19 count=7 status=none").Output);
        Assert.Equal("link -> meminfo\n", mount.Shell("ls -l $M | grep -o 'link.*'").Text);
        Assert.Equal("big\nlink\nmeminfo\nsub\n", mount.Shell("ls $M").Text);
        Assert.Equal("300\n", mount.Shell("ls $M/sub | wc -l").Text);
        Assert.Equal(
            "444 0 1 0 0 regular empty file 1000000000\n555 0 2 0 0 directory 1000000000\n444 300000 1 0 0 regular file 1000000000\n",
            mount.Shell("stat -c '%a %s %h %u %g %F %Y' $M/meminfo $M/sub $M/big").Text);
        Assert.Equal("fuse.procfstest\n", mount.Shell("findmnt -no FSTYPE $M 2>/dev/null || echo fuse.procfstest").Text);
        Assert.Equal("255\n", mount.Shell("stat -f -c %l $M").Text);

        byte[] big = mount.Shell("cat $M/big").Output;
        Assert.Equal(TinyFileSystem.BigSize, big.Length);
        Assert.True(big.Index().All(b => b.Item == TinyFileSystem.BigByte(b.Index)));

        AssertRefused(mount, "cat $M/nothing", "No such file or directory");
        AssertRefused(mount, "cat $M/meminfo/below", "Not a directory");
        AssertRefused(mount, "cat $M/sub", "Is a directory");
        AssertRefused(mount, "echo x >$M/meminfo", "Permission denied");
        AssertRefused(mount, "echo x >>$M/meminfo", "Permission denied");
        AssertRefused(mount, "echo x >$M/new", "Read-only file system");
        AssertRefused(mount, "mkdir $M/new", "Read-only file system");
        AssertRefused(mount, "rm -f $M/meminfo", "Read-only file system");
        AssertRefused(mount, "rmdir $M/sub", "Read-only file system");
        AssertRefused(mount, "mv $M/meminfo $M/new", "Read-only file system");
        AssertRefused(mount, "ln -s x $M/new", "Read-only file system");
        AssertRefused(mount, "mkfifo $M/new", "Read-only file system");
        AssertRefused(mount, "chmod 777 $M/meminfo", "Operation not permitted");
        AssertRefused(mount, "truncate -s 0 $M/meminfo", "Permission denied");
        Assert.Empty(mount.Logger.Lines);

        AssertRefused(mount, "cat $M/broken", "Input/output error");
        Assert.Contains("broken on purpose", Assert.Single(mount.Logger.Lines), StringComparison.Ordinal);
        Assert.Equal(0x241001ul, mount.Session.Flags & 0xffffff);
        Assert.Equal(ConnectionEnd.Unmounted, await mount.Unmount());
        Assert.Single(mount.Logger.Lines);
    }

    [Fact]
    public void A_cycle_is_OPEN_READ_READ_RELEASE_and_FLUSH_comes_once()
    {
        using RealMount mount = new(new TinyFileSystem());
        mount.Shell("dd if=$M/meminfo bs=64k status=none"); // looks the name up, and learns that there is no FLUSH
        long Count(int opcode) => mount.Connection.RequestsOf(opcode);
        Assert.True(SpinWait.SpinUntil(() => Count(18) == 1, Patience));
        long[] before = [.. Enumerable.Range(0, 64).Select(Count)];
        const int Cycles = 50;
        Assert.Equal(0, mount.Shell($"for i in $(seq {Cycles}); do dd if=$M/meminfo of=/dev/null bs=64k status=none || exit 1; done").ExitCode);
        Assert.True(SpinWait.SpinUntil(() => Count(18) - before[18] == Cycles, Patience)); // RELEASE comes after close(2) has returned
        Dictionary<string, long> sent = Enumerable.Range(0, 64)
            .Where(opcode => Count(opcode) != before[opcode])
            .ToDictionary(Connection.NameOf, opcode => Count(opcode) - before[opcode]);
        Assert.Equal(new Dictionary<string, long> { ["OPEN"] = Cycles, ["READ"] = 2 * Cycles, ["RELEASE"] = Cycles }, sent);
        Assert.Equal(1, Count(25));
        Assert.Empty(mount.Logger.Lines);
    }

    [Fact]
    public void Caller_is_known_by_its_thread_id_and_others_may_read()
    {
        Recorder fileSystem = new();
        using RealMount mount = new(fileSystem);
        ChildResult result = mount.Shell("echo $$; exec cat $M/meminfo");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(result.Text.Split('\n')[0], fileSystem.Reader.ThreadId.ToString(CultureInfo.InvariantCulture));
        Assert.Equal((0u, 0u), (fileSystem.Reader.Uid, fileSystem.Reader.Gid));

        Assert.Equal(TinyFileSystem.Meminfo, mount.Shell("exec setpriv --reuid 65534 --regid 65533 --clear-groups cat $M/meminfo").Output);
        Assert.Equal((65534u, 65533u), (fileSystem.Reader.Uid, fileSystem.Reader.Gid));
    }

    [Fact]
    public void Many_readers_at_once_get_whole_files()
    {
        using RealMount mount = new(new TinyFileSystem());
        ChildResult result = mount.Shell("""
            for n in 1 2 3 4 5 6 7 8; do
              (for i in $(seq 40); do cat $M/meminfo $M/big; done | cksum) &
            done
            wait
            """);
        Assert.Equal(0, result.ExitCode);
        string[] sums = result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(8, sums.Length);
        Assert.Single(sums.Distinct());
        Assert.EndsWith($" {40 * (TinyFileSystem.BigSize + TinyFileSystem.Meminfo.Length)}", sums[0], StringComparison.Ordinal);
        Assert.Empty(mount.Logger.Lines);
    }

    [Fact]
    public async Task Detached_mount_serves_who_has_it_open_until_the_last_close()
    {
        using RealMount mount = new(new TinyFileSystem());
        using ChildProcess child = mount.Start($"exec 3<$M/meminfo; : >{mount.Parent}/opened; while [ ! -e {mount.Parent}/go ]; do sleep 0.02; done; cat <&3");
        Assert.True(SpinWait.SpinUntil(() => File.Exists(mount.Parent + "/opened"), Patience));
        Assert.Equal(1, FuseMount.DetachAll(mount.Path, RealMount.Subtype));
        Assert.Equal(MountPointKind.Nothing, MountPoint.Inspect(mount.Path, RealMount.Subtype).Kind);
        Assert.False(mount.Connection.Completion.IsCompleted);
        await File.WriteAllTextAsync(mount.Parent + "/go", "", TestContext.Current.CancellationToken);
        Assert.Equal(TinyFileSystem.Meminfo, mount.Finish(child).Output);
        Assert.Equal(ConnectionEnd.Unmounted, await mount.Ended());
        Assert.Empty(mount.Logger.Lines);
    }

    [Fact]
    public async Task Abort_frees_a_reader_whose_answer_does_not_come()
    {
        using Recorder fileSystem = new() { IsHolding = true };
        using RealMount mount = new(fileSystem);
        using ChildProcess child = mount.Start("cat $M/meminfo");
        Assert.True(fileSystem.Arrived.Wait(Patience, TestContext.Current.CancellationToken));
        mount.Abort();
        ChildResult result = mount.Finish(child);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Software caused connection abort", result.Error, StringComparison.Ordinal);
        fileSystem.IsHolding = false; // the answer comes too late: ENOENT to write(2), which is nothing to talk about
        Assert.Equal(ConnectionEnd.Aborted, await mount.Ended());
        Assert.Empty(mount.Logger.Lines);
    }

    [Fact]
    public void Reader_killed_while_it_waits_ends_with_its_answer_and_the_mount_lives()
    {
        using Recorder fileSystem = new() { IsHolding = true };
        using RealMount mount = new(fileSystem);
        using ChildProcess child = mount.Start("exec cat $M/meminfo");
        Assert.True(fileSystem.Arrived.Wait(Patience, TestContext.Current.CancellationToken));
        child.Kill();
        Assert.True(SpinWait.SpinUntil(() => mount.Connection.RequestsOf(36) == 1, Patience)); // INTERRUPT
        Assert.False(child.HasExited);
        fileSystem.IsHolding = false;
        Assert.Equal(137, mount.Finish(child).ExitCode);
        Assert.Equal(TinyFileSystem.Meminfo, mount.Shell("cat $M/meminfo").Output);
        Assert.Empty(mount.Logger.Lines);
    }

    [Fact]
    public void Mounts_are_seen_stacked_hidden_and_through_links()
    {
        using RealMount mount = new(new TinyFileSystem());
        MountPointState first = MountPoint.Inspect(mount.Path, RealMount.Subtype);
        Assert.Equal((MountPointKind.OwnMount, 1, "procfstest"), (first.Kind, first.Count, first.Source));
        Assert.Equal(MountPointKind.InsideOwnMount, MountPoint.Inspect(mount.Path + "/sub", RealMount.Subtype).Kind);
        File.CreateSymbolicLink(mount.Parent + "/link", mount.Parent);
        Assert.Equal(first, MountPoint.Inspect(mount.Parent + "/link/mnt", RealMount.Subtype));
        Assert.Equal(MountPointKind.ForeignMount, MountPoint.Inspect(mount.Path, "procfs").Kind);

        Assert.Equal(0, Libc.Mount("hiding", mount.Path, "tmpfs", 0, null));
        Assert.Equal(
            new MountPointState(MountPointKind.ForeignMount) { Type = "tmpfs", Source = "hiding" },
            MountPoint.Inspect(mount.Path, RealMount.Subtype));
        Assert.Equal(0, FuseMount.DetachAll(mount.Path, RealMount.Subtype)); // not ours, not touched
        Assert.Equal(0, Libc.Unmount(mount.Path, Libc.MNT_DETACH | Libc.UMOUNT_NOFOLLOW));

        using FuseDevice dead = RealMount.OpenDeviceOrSkip();
        FuseMount.Mount(dead, mount.Path, RealMount.Subtype);
        dead.Dispose(); // whoever touches this mount now gets "not connected"
        MountPointState second = MountPoint.Inspect(mount.Path, RealMount.Subtype);
        Assert.Equal((MountPointKind.OwnMount, 2), (second.Kind, second.Count));
        Assert.NotEqual(mount.Minor, second.DeviceMinor);
        AssertRefused(mount, "cat $M/meminfo", "Transport endpoint is not connected");
        Assert.Equal(2, FuseMount.DetachAll(mount.Parent + "/link/mnt", RealMount.Subtype));
        Assert.Equal(0, FuseMount.DetachAll(mount.Path, RealMount.Subtype));
        Assert.Equal(MountPointKind.Nothing, MountPoint.Inspect(mount.Path, RealMount.Subtype).Kind);
    }

    [Fact]
    public void Mount_is_nosuid_nodev_noexec_for_all_and_checks_mode_bits()
    {
        using RealMount mount = new(new TinyFileSystem());
        string line = Assert.Single(File.ReadLines("/proc/self/mountinfo"), l => l.Contains($" {mount.Path} ", StringComparison.Ordinal));
        Assert.Contains(" rw,nosuid,nodev,noexec,", line, StringComparison.Ordinal);
        Assert.EndsWith(" - fuse.procfstest procfstest rw,user_id=0,group_id=0,default_permissions,allow_other", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Mount_that_cannot_be_made_is_one_clear_sentence()
    {
        using RealMount mount = new(new TinyFileSystem());
        Assert.Equal(FuseErrno.EBUSY, Assert.Throws<FuseException>(() => FuseMount.Mount(mount.Device, mount.Path, RealMount.Subtype)).Errno);
        using FuseDevice device = RealMount.OpenDeviceOrSkip();
        FuseException exception = Assert.Throws<FuseException>(() => FuseMount.Mount(device, mount.Parent + "/nowhere"));
        Assert.Equal($"cannot mount on {mount.Parent}/nowhere: No such file or directory; create the directory first", exception.Message);
        File.WriteAllText(mount.Parent + "/file", "");
        Assert.Equal(FuseErrno.ENOTDIR, Assert.Throws<FuseException>(() => FuseMount.Mount(device, mount.Parent + "/file")).Errno);
    }

    [Fact]
    public async Task Device_that_is_not_mounted_ends_the_connection_and_says_why()
    {
        ListLogger logger = new();
        FuseDevice device = RealMount.OpenDeviceOrSkip();
        using Connection connection = new(device, new RequestSlots(1), new Dispatcher(new TinyFileSystem(), new SessionParameters(), logger), logger);
        connection.Start(1);
        Assert.Equal(ConnectionEnd.Failed, await connection.Completion.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Contains("the device is not mounted (EPERM)", Assert.Single(logger.Lines), StringComparison.Ordinal);
    }

    private static void AssertRefused(RealMount mount, string script, string error)
    {
        ChildResult result = mount.Shell(script);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
    }

    /// <summary>Keeps who read last, and can hold answers back.</summary>
    private sealed class Recorder : TinyFileSystem, IDisposable
    {
        private readonly ManualResetEventSlim _mayAnswer = new(initialState: true);

        public RequestContext Reader { get; private set; }

        public ManualResetEventSlim Arrived { get; } = new();

        public bool IsHolding
        {
            set
            {
                if (value)
                {
                    _mayAnswer.Reset();
                }
                else
                {
                    _mayAnswer.Set();
                }
            }
        }

        public override FuseErrno Read(in RequestContext context, ulong handle, long offset, Span<byte> destination, out int length)
        {
            Reader = context;
            Arrived.Set();
            _mayAnswer.Wait(Patience);
            return base.Read(in context, handle, offset, destination, out length);
        }

        public void Dispose()
        {
            _mayAnswer.Dispose();
            Arrived.Dispose();
        }
    }
}
