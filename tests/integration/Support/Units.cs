using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests.Support;

/// <summary>
/// The service as it is installed: the program in /usr/bin, the repository's units as they are, the default mount point; and a container with its files,
/// which lives through everything that the tests do to it.
/// </summary>
public sealed class Units : IDisposable
{
    public const string Mount = "/var/lib/procfs";
    public const string Program = "/usr/bin/procfs";
    public const int Quota = 150000;

    private const string Systemd = "/run/systemd/system";
    private const string Configuration = "/etc/procfs/procfs.json";
    private static readonly string[] Names = ["procfs.service", "procfs-keeper.service"];

    private readonly OciContainer? _container;

    public Units(ServedTree tree)
    {
        if (!Guest.HasSystemd)
        {
            return;
        }

        try
        {
            Install(Daemon.Binary);
            foreach (string unit in Names)
            {
                File.Copy($"{Daemon.Repository}/systemd/{unit}", $"{Systemd}/{unit}", overwrite: true);
            }

            Control("daemon-reload");
            Control("start", "procfs");
            // Registered, so that a daemon brings the files back when they were taken out.
            _container = tree.Run(new() { IsBare = true, Memory = 64 << 20, Quota = Quota });
            Child.Run(Program, "attach", _container.Pid.ToString(CultureInfo.InvariantCulture)).Ok();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal OciContainer Container => _container!;

    /// <summary>The process that serves; 0 when none does at the moment.</summary>
    public static int ServerPid => ProcessOf("procfs", "serve");

    public static int KeeperPid => ProcessOf("procfs-keeper", "keep");

    /// <summary>How many descriptors systemd holds for a unit.</summary>
    public static int Stored(string unit) =>
        int.Parse(Child.Run("systemctl", "show", "--property", "NFileDescriptorStore", "--value", unit).Line(), CultureInfo.InvariantCulture);

    public static void Control(params string[] arguments) => Child.RunFor(Pace.Limit(30), ["systemctl", .. arguments]).Ok();

    /// <summary>Puts a copy of a build in the place of the one that runs.</summary>
    public static void Install(string build) => Builds.Install(build, Program);

    /// <summary>The same, and restarts both services with it.</summary>
    public static void Upgrade(string build)
    {
        Install(build);
        Control("restart", "procfs");
        KillKeeper();
        Builds.AssertRuns(build, ServerPid);
        Builds.AssertRuns(build, KeeperPid);
    }

    /// <summary>Lines in place of those of the unit, until the next call; null: the unit as it is.</summary>
    public static void Override(string? lines)
    {
        string file = $"{Systemd}/procfs.service.d/test.conf";
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, lines ?? "");
        Control("daemon-reload");
    }

    /// <summary>Another time until readers are released; null: the default. The keeper begins anew with it.</summary>
    public static void SetReleaseSeconds(int? seconds)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Configuration)!);
        File.WriteAllText(Configuration, seconds is { } s ? string.Create(CultureInfo.InvariantCulture, $"{{ \"releaseSeconds\": {s} }}") : "{}");
        KillKeeper();
    }

    /// <summary>Kills the keeper and waits for the next one, with all it kept.</summary>
    public static void KillKeeper()
    {
        int killed = Found(() => KeeperPid);
        Processes.Kill(killed);
        ExpectKeeper(killed);
    }

    /// <summary>Between two of them there is nobody for a moment, and 0 would be this test's own process group.</summary>
    private static int Found(Func<int> process)
    {
        int found = 0;
        bool isThere = Pace.Until(15, () => (found = process()) > 0);
        Assert.True(isThere, isThere ? "" : Journal);
        return found;
    }

    /// <summary>Waits until another process than this one keeps the connection.</summary>
    public static void ExpectKeeper(int notThis)
    {
        bool isThere = Pace.Until(15, () => KeeperPid is > 0 and int pid && pid != notThis && Site.HoldsDevice(pid));
        Assert.True(isThere, isThere ? "" : Journal);
    }

    /// <summary>Kills the server and waits for the next one.</summary>
    public static void KillServer(Signum signal = Signum.SIGKILL)
    {
        int killed = Found(() => ServerPid);
        Assert.Equal(0, Syscall.kill(killed, signal));
        ExpectServer(killed);
    }

    /// <summary>Waits until another process than this one serves, or is about to.</summary>
    public static void ExpectServer(int notThis)
    {
        // Not by its argv[0]: once its attacher runs, it becomes itself anew, by another name than the unit's.
        bool isThere = Pace.Until(40, () => ServerPid is > 0 and int pid && pid != notThis);
        Assert.True(isThere, isThere ? "" : $"{ProcessesOf("procfs")}\n{Journal}");
    }

    /// <summary>What both units logged.</summary>
    public static string Journal => Child.Run("journalctl", "--no-pager", "--lines=60", "--unit=procfs", "--unit=procfs-keeper").Out;

    public void Dispose()
    {
        if (!Guest.HasSystemd)
        {
            return;
        }

        _container?.Dispose();
        _ = Child.RunFor(Pace.Limit(30), "systemctl", "stop", "procfs");
        _ = Child.RunFor(Pace.Limit(30), Program, "serve", "--unmount");
        FuseMounts.Remove(Mount);
        // A stop by hand is refused; with its unit gone it may end.
        foreach (string unit in Names)
        {
            File.Delete($"{Systemd}/{unit}");
        }

        _ = Child.RunFor(Pace.Limit(30), "systemctl", "daemon-reload");
        if (KeeperPid is > 0 and int keeper)
        {
            Processes.Kill(keeper);
        }

        if (File.Exists(Configuration))
        {
            File.Delete(Configuration);
        }
    }

    /// <summary>By the unit's cgroup, which has this process and what it starts: systemctl takes its time on an emulated machine.</summary>
    private static int ProcessOf(string unit, string verb) =>
        PidsOf(unit).FirstOrDefault(pid => Processes.CommandLine(pid) is [_, string first, ..] && first == verb);

    /// <summary>Who is there, for a failed test.</summary>
    private static string ProcessesOf(string unit) =>
        string.Join('\n', PidsOf(unit).Select(pid => string.Create(CultureInfo.InvariantCulture, $"{pid} {Processes.State(pid)} {string.Join(' ', Processes.CommandLine(pid))}")));

    private static int[] PidsOf(string unit)
    {
        string hierarchy = CgroupMounts.IsPureV2 ? CgroupMounts.Unified! : "/sys/fs/cgroup/systemd";
        try
        {
            return [.. File.ReadLines($"{hierarchy}/system.slice/{unit}.service/cgroup.procs").Select(l => int.Parse(l, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            // Stopped: without processes there is no cgroup.
            return [];
        }
    }
}
