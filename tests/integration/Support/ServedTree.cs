using System.Globalization;
using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]
[assembly: AssemblyFixture(typeof(ProcFs.Integration.Tests.Support.ServedTree))]
// The tests measure load and change kernel settings: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ProcFs.Integration.Tests.Support;

/// <summary>The daemon that most tests read from, mounted once for all of them, and the root file system of their containers.</summary>
public sealed class ServedTree : IDisposable
{
    /// <summary>What a runtime accepts as mounts of config.json, as a path below the mount and below /, in order; runc has a list for /proc.</summary>
    public static readonly string[] Mountable =
    [
        .. OfThisHost("proc/cpuinfo", "proc/diskstats", "proc/loadavg", "proc/meminfo", "proc/slabinfo", "proc/stat", "proc/swaps", "proc/uptime"),
        "sys/devices/system/cpu",
    ];

    /// <summary>What is attached to a container that chooses nothing, in order: those, and what comes by hook or attach alone.</summary>
    public static readonly string[] Attached =
    [
        .. Mountable.Concat(OfThisHost("proc/vmstat", "proc/pressure/cpu", "proc/pressure/io", "proc/pressure/irq", "proc/pressure/memory")).Order(StringComparer.Ordinal),
    ];

    /// <summary>Files with a text that a container with binds has: without the directory, but with some files in it.</summary>
    public static readonly string[] Texts =
    [
        .. Mountable[..^1],
        "sys/devices/system/cpu/offline", "sys/devices/system/cpu/online", "sys/devices/system/cpu/possible", "sys/devices/system/cpu/present",
    ];

    private readonly Daemon _daemon;

    public ServedTree()
    {
        if (Environment.UserName != "root")
        {
            throw new InvalidOperationException("the integration tests need root: they mount, make cgroups and start containers");
        }

        Leftovers.Remove();
        Scratch = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"procfs-test-{Environment.ProcessId}")).FullName;
        // A container bind-mounts from here as another user may: the way must be open.
        File.SetUnixFileMode(Scratch, (UnixFileMode)0b111_101_101);
        Mount = Directory.CreateDirectory($"{Scratch}/mount").FullName;
        ReadOnlyRoot = Directory.CreateDirectory($"{Scratch}/root").FullName;
        Child.Run("mount", "--bind", "/", ReadOnlyRoot).Ok();
        Child.Run("mount", "-o", "remount,bind,ro", ReadOnlyRoot).Ok();
        try
        {
            _daemon = Daemon.Start(Mount, RunDirectory);
        }
        catch
        {
            Unmount();
            throw;
        }
    }

    /// <summary>A directory for the tests' own files.</summary>
    public string Scratch { get; }

    /// <summary>Where the files are served.</summary>
    public string Mount { get; }

    /// <summary>This host's root file system, read-only and without what is mounted on it.</summary>
    public string ReadOnlyRoot { get; }

    public string RunDirectory => $"{Scratch}/run";

    public int ServerPid => _daemon.Pid;

    public void Dispose()
    {
        string log = _daemon.Log;
        _daemon.Dispose();
        Unmount();
        TestCgroup.Remove(TestCgroup.Parent);
        // A bug that answered one request with EIO is in the log, and nowhere else.
        Assert.DoesNotContain("Exception", log, StringComparison.Ordinal);
    }

    internal OciContainer Run(ContainerOptions options) => new(this, options);

    /// <summary>A container whose hook brings it files.</summary>
    internal OciContainer RunHooked(ContainerOptions options) => LateHooks.OnceMore(() => Run(options), container => Hooked.Files(container).Length > 0);

    /// <summary>A container that starts with the kernel's files and has ours attached then.</summary>
    internal OciContainer RunAttached(ContainerOptions options, params string[] attach)
    {
        OciContainer container = new(this, options with { IsBare = true });
        try
        {
            Procfs(["attach", container.Pid.ToString(CultureInfo.InvariantCulture), .. attach]).Ok();
            return container;
        }
        catch
        {
            container.Dispose();
            throw;
        }
    }

    /// <summary>Runs a verb with the places of this daemon.</summary>
    internal Output Procfs(params string[] arguments) => Child.Run([Daemon.Binary, .. arguments, "--mount", Mount, "--run-dir", RunDirectory]);

    /// <summary>The numbers of the containers that are registered now.</summary>
    internal string[] Numbers() => Child.Run("ls", Directory.GetDirectories($"{RunDirectory}/fuse").Single() + "/c").Ok().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    internal string NewDirectory(string name) => Directory.CreateDirectory($"{Scratch}/{name}-{Guid.NewGuid():N}").FullName;

    private static IEnumerable<string> OfThisHost(params string[] files) => files.Where(file => File.Exists("/" + file));

    private void Unmount()
    {
        Child.Run("umount", "--lazy", ReadOnlyRoot).Ok();
        // Deleting through a mount would delete what is mounted.
        Assert.DoesNotContain($" {Scratch}/", File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Directory.Delete(Scratch, recursive: true);
    }
}
