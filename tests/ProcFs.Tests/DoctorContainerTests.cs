using System.Diagnostics;
using System.Globalization;
using ProcFs.Doctor;
using ProcFs.Doctor.Checks;
using ProcFs.Host;

namespace ProcFs.Tests;

/// <summary>What doctor takes for a container that nobody registered, and for processes of ours.</summary>
public sealed class DoctorContainerTests : IDisposable
{
    private const string Python = "/usr/bin/python3";
    private const string HostProc = "0:5", OwnProc = "0:77";

    private readonly DoctorTree _host = new();

    public DoctorContainerTests()
    {
        _host.UseOwnRunDirectory();
        Add(1, "mnt:[1]", "pid:[1]", HostProc, "/init.scope");
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData("pid:[1]", OwnProc, "/system.slice/systemd-timesyncd.service", false)] // ProtectProc=
    [InlineData("pid:[1]", HostProc, "/system.slice/cron.service", false)] // PrivateTmp=
    [InlineData("pid:[1]", null, "/system.slice/x.service", false)]
    [InlineData("pid:[2]", OwnProc, "/system.slice/docker-1.scope", true)]
    [InlineData("pid:[2]", OwnProc, "/system.slice/web.service/libpod-payload-1", true)]
    [InlineData("pid:[2]", HostProc, "/docker/1", false)]
    [InlineData("pid:[1]", OwnProc, "/machine.slice/libpod-1.scope/container", true)] // in the host's pid namespace
    public void A_container_has_a_proc_of_its_own_and_is_no_service(string pids, string? proc, string cgroup, bool isContainer)
    {
        Add(412, "mnt:[2]", pids, proc, cgroup);
        Assert.StartsWith(isContainer ? "note: 1 mount namespace with a /proc of its own has no files of ours (process 412): " : "ok: ", _host.Find(new UnregisteredCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void All_of_them_are_named_by_a_process_inside()
    {
        Add(300, "mnt:[2]", "pid:[1]", OwnProc, "/a"); // who made it: unshare(1)
        Add(301, "mnt:[2]", "pid:[2]", OwnProc, "/a");
        foreach (int pid in Enumerable.Range(400, 4))
        {
            Add(pid, $"mnt:[{pid}]", $"pid:[{pid}]", OwnProc, "/b");
        }

        Finding finding = Assert.Single(_host.Look(new UnregisteredCheck()));
        Assert.Contains("(processes 301, 400, 401 and 2 more)", finding.Text, StringComparison.Ordinal);
        // One of them may want none, and nobody else can tell.
        Assert.False(finding.Mend!.IsCommand);
        Assert.Contains(" attach PID", finding.Mend.Line, StringComparison.Ordinal);
        Assert.EndsWith(" for each of 301, 400, 401, 402, 403 that should have files", finding.Mend.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void One_alone_is_attached_by_a_command()
    {
        Add(301, "mnt:[2]", "pid:[2]", OwnProc, "/a");
        Mend mend = Assert.Single(_host.Look(new UnregisteredCheck())).Mend!;
        Assert.True(mend.IsCommand);
        Assert.Contains(" attach 301", mend.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void Processes_of_ours_are_known_by_their_locks_with_the_time_of_their_start()
    {
        Assert.SkipUnless(File.Exists(Python), $"needs a second process: there is no {Python}");
        string run = Directory.CreateTempSubdirectory("procfs-tests-").FullName;
        using Process keeper = new();
        keeper.StartInfo = new ProcessStartInfo(Python, ["-c", "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('locked', flush=True); sys.stdin.read()", run + "/keeper.lock"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        DateTimeOffset before = DateTimeOffset.UtcNow;
        keeper.Start();
        try
        {
            Assert.Equal("locked", keeper.StandardOutput.ReadLine());
            DateTimeOffset after = DateTimeOffset.UtcNow;
            DaemonFacts facts = new(new DoctorPlaces { Roots = HostRoots.From("/proc", "/sys/fs/cgroup"), RunDirectory = run, Mount = run + "/mount" });
            OwnProcess process = Assert.Single(facts.Processes());
            Assert.Equal(keeper.Id, process.Pid);
            TimeSpan tick = TimeSpan.FromSeconds(10); // two clocks are looked at one after the other
            Assert.InRange(process.Since, before - tick, after + tick);
        }
        finally
        {
            keeper.Kill();
            keeper.WaitForExit(TimeSpan.FromSeconds(30));
            Directory.Delete(run, recursive: true);
        }
    }

    private void Add(int pid, string mounts, string pids, string? proc, string cgroup)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}");
        _host.Write($"{directory}/mountinfo", $"1 0 8:1 / / rw - ext4 /dev/vda rw\n{(proc is null ? "" : $"2 1 {proc} / /proc rw - proc proc rw\n")}");
        _host.Write($"{directory}/cgroup", $"0::{cgroup}\n");
        _host.Write($"{directory}/stat", $"{pid} (x) S 1 {pid} {pid} 0 -1 4194560 100 200 0 0 1 2 3 4 20 0 1 0 500 1000 10\n");
        _host.Link($"{directory}/ns/mnt", mounts);
        _host.Link($"{directory}/ns/pid", pids);
    }
}
