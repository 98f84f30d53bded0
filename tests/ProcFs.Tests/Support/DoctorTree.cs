using System.Globalization;
using ProcFs.Configuration;
using ProcFs.Doctor;
using ProcFs.Host;

namespace ProcFs.Tests.Support;

/// <summary>A host as a directory of files, for doctor: a kernel that can everything, cgroup v2 with all controllers passed on, and nothing installed.</summary>
internal sealed class DoctorTree : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("procfs-tests-").FullName;

    private string _runDirectory = "/run/procfs";

    public DoctorTree()
    {
        Write("/proc/sys/kernel/osrelease", "6.12.3-amd64\n");
        Write("/proc/filesystems", "nodev\tsysfs\n\text4\nnodev\tfuse\n");
        Write("/proc/self/mountinfo", Mounts);
        Directory.CreateDirectory($"{_root}/sys/fs/cgroup");
        Directory.CreateDirectory($"{_root}/run/procfs");
    }

    public const string Mounts =
        """
        1 0 8:1 / / rw - ext4 /dev/vda rw
        2 1 0:5 / /proc rw - proc proc rw
        3 1 0:6 / /sys rw - sysfs sysfs rw

        """;

    /// <summary>As if this kernel could all of it, until a test says otherwise.</summary>
    public IReadOnlyList<KernelFeature> Features { get; set; } = [];

    public string KernelLog { get; set; } = "";

    /// <summary>What the policy of SELinux says of a label; null: it cannot be asked.</summary>
    public Func<string, bool?> ContainersMayRead { get; set; } = _ => null;

    /// <summary>Processes of ours that run.</summary>
    public IReadOnlyList<OwnProcess> OwnProcesses { get; set; } = [];

    public ProcFsConfig Config { get; set; } = new();

    /// <summary>What systemctl says; null: nothing in time.</summary>
    public Func<IReadOnlyList<string>, string?> Systemctl { get; set; } = _ => null;

    /// <summary>Not the one of a daemon that may serve the host of the tests: for checks that look into it.</summary>
    public void UseOwnRunDirectory() => _runDirectory = _root + "/run/procfs";

    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.WriteAllText(_root + path, text);
    }

    public void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root + path)!);
        File.CreateSymbolicLink(_root + path, target);
    }

    public void Install(string program)
    {
        Write(program, "#!/bin/sh\n");
        File.SetUnixFileMode(_root + program, (UnixFileMode)0b111_101_101);
    }

    /// <summary>What the package brings for engines, where it puts it.</summary>
    public void InstallPackage()
    {
        using System.Diagnostics.Process share = System.Diagnostics.Process.Start(Path.Combine(Fixtures.Repository, "packaging/share"), [_root + "/usr/share/procfs"]);
        Assert.True(share.WaitForExit(TimeSpan.FromSeconds(30)), "packaging/share does not end");
        Assert.Equal(0, share.ExitCode);
    }

    public DoctorHost Host() => new(new DoctorPlaces
    {
        Roots = HostRoots.From($"{_root}/proc", $"{_root}/sys/fs/cgroup"),
        RunDirectory = _runDirectory,
        Mount = "/var/lib/procfs",
        Root = _root,
        ContainersWithin = (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60)),
    })
    {
        Config = () => Config,
        IsRoot = true,
        Ask = command => Systemctl(command),
        Features = Features,
        KernelLog = () => KernelLog,
        ContainersMayRead = ContainersMayRead,
        OwnProcesses = () => OwnProcesses,
    };

    /// <summary>What a check finds.</summary>
    public IReadOnlyList<Finding> Look(ICheck check) => [.. check.Look(Host())];

    /// <summary>The one thing that a check finds, as "warning: text".</summary>
    public string Find(ICheck check)
    {
        Finding finding = Assert.Single(Look(check));
        return string.Create(CultureInfo.InvariantCulture, $"{CheckStates.Word(finding.State)}: {finding.Text}");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
