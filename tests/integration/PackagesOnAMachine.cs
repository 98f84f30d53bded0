namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   container-1        memory 64 MiB, quota 1.5 CPUs: lives through all of it

/// <summary>Installation, upgrades, failed ones, removal and purge of the packages, while a container lives through all of it. On a machine that is thrown away.</summary>
public sealed class PackagesOnAMachine(ServedTree tree) : IDisposable
{
    private const string Limited = "MemTotal:          65536 kB";
    private const string Policy = "/usr/sbin/policy-rc.d";
    private const string HookOfPodman = "/usr/share/containers/oci/hooks.d/50-procfs.json";

    [Fact]
    public void The_deb_from_installation_to_purge()
    {
        Needed();
        string[] before = InstalledPackage.Traces();

        Apt("install", InstalledPackage.PreviousDeb);
        AssertActive();
        Assert.Equal("enabled", Child.Run("systemctl", "is-enabled", "procfs").Line());
        Assert.False(Path.Exists(HookOfPodman), "the hook is to be switched on by hand");
        using OciContainer container = InstalledPackage.Run(tree);
        AssertServed(container);
        Assert.True(Pace.Until(10, () => (Units.Stored("procfs"), Units.Stored("procfs-keeper")) == (2, 2)), Units.Journal);

        int server = Units.ServerPid, keeper = Units.KeeperPid;
        During(container, "deb, upgraded from 0.0.9", () => Install(InstalledPackage.Deb));
        Assert.NotEqual(server, Units.ServerPid);
        Assert.True(InstalledPackage.IsCurrent(Units.ServerPid), "the old program still serves");
        Assert.Equal(keeper, Units.KeeperPid);

        server = Units.ServerPid;
        string installed = InstalledPackage.Status, broken = Broken();
        During(container, "deb, an upgrade that fails", () => Assert.NotEqual(0, InstalledPackage.Dpkg("--install", broken).ExitCode));
        Assert.Equal((server, installed), (Units.ServerPid, InstalledPackage.Status));

        // A removal that did not come to its end.
        Units.Control("stop", "procfs");
        Child.RunFor(Pace.Limit(60), "/var/lib/dpkg/info/procfs.postinst", "abort-remove").Ok();
        AssertServed(container);

        Directory.CreateDirectory(Path.GetDirectoryName(HookOfPodman)!);
        File.CreateSymbolicLink(HookOfPodman, "/usr/share/procfs/hooks.d/50-procfs.json");
        Output removed = InstalledPackage.Dpkg("--remove", "procfs");
        removed.Ok();
        Assert.Contains($"took the hook {HookOfPodman} away", removed.Error, StringComparison.Ordinal);
        AssertGone(container);
        Assert.Contains("config-files", InstalledPackage.Status, StringComparison.Ordinal);

        Install(InstalledPackage.Deb);
        AssertServed(container);

        Apt("purge", "procfs");
        AssertGone(container);
        Assert.Empty(InstalledPackage.Traces().Except(before));
        Assert.False(Path.Exists("/run/procfs") || Path.Exists("/var/lib/procfs") || Path.Exists("/etc/procfs"), "a directory is left");
        Assert.DoesNotContain("procfs", Child.Run("systemctl", "list-units", "--all", "--no-legend", "procfs*").Ok().Replace("procfs-test", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("run", "long")]
    public void The_deb_where_no_service_may_be_started_and_a_supervisor_serves()
    {
        Needed();
        File.WriteAllText(Policy, "#!/bin/sh\nexit 101\n");
        File.SetUnixFileMode(Policy, (UnixFileMode)0b111_101_101);
        Install(InstalledPackage.PreviousDeb);
        Assert.Empty(InstalledPackage.Processes());
        using Daemon supervisor = Daemon.Launch(null, Units.Program, "supervise");
        using OciContainer container = InstalledPackage.Run(tree);
        Assert.Equal(Limited, Total(container));

        During(container, "deb under supervise, upgraded", () =>
        {
            Install(InstalledPackage.Deb);
            Assert.True(Pace.Until(20, () => InstalledPackage.Processes("serve") is [int pid] && InstalledPackage.IsCurrent(pid)), supervisor.Log);
        });

        InstalledPackage.Dpkg("--purge", "procfs").Ok();
        Assert.True(supervisor.HasExited, "the supervisor is left");
        AssertGone(container);
    }

    [Fact]
    [Trait("run", "long")]
    public void What_an_administrator_disabled_stays_so()
    {
        Needed();
        Install(InstalledPackage.PreviousDeb);
        Units.Control("disable", "--now", "procfs");
        Install(InstalledPackage.Deb);
        Assert.Equal("disabled", Child.Run("systemctl", "is-enabled", "procfs").Out.TrimEnd());
        Assert.Equal(0, Units.ServerPid);
    }

    [Fact]
    [Trait("run", "long")]
    public void The_rpm_from_installation_to_erasure()
    {
        Needed();
        string[] before = InstalledPackage.Traces();
        Rpm("--install", InstalledPackage.PreviousRpm);
        AssertActive();
        using OciContainer container = InstalledPackage.Run(tree);
        Assert.Equal(Limited, Total(container));
        int server = Units.ServerPid, keeper = Units.KeeperPid;

        During(container, "rpm, upgraded from 0.0.9", () => Rpm("--upgrade", InstalledPackage.Rpm));
        Assert.NotEqual(server, Units.ServerPid);
        Assert.True(InstalledPackage.IsCurrent(Units.ServerPid), "the old program still serves");
        Assert.Equal(keeper, Units.KeeperPid);

        Assert.Equal("", Rpm("--erase", "procfs"));
        AssertGone(container);
        Assert.Empty(InstalledPackage.Traces().Except(before));
    }

    public void Dispose()
    {
        if (InstalledPackage.WhySkipped is not null)
        {
            return;
        }

        File.Delete(Policy);
        _ = InstalledPackage.Dpkg("--purge", "procfs");
        _ = Child.RunFor(Pace.Limit(60), "rpm", "--erase", "procfs");
        foreach (int pid in InstalledPackage.Processes())
        {
            Processes.Kill(pid);
        }

        FuseMounts.Remove(Units.Mount);
        FuseMounts.RemoveBelow("/run/procfs");
    }

    private static void Needed() => Assert.SkipUnless(InstalledPackage.WhySkipped is null, InstalledPackage.WhySkipped ?? "");

    private static void Apt(params string[] arguments) => InstalledPackage.Apt(arguments).Ok();

    // What apt does in the end; reading its lists takes long on an emulated machine.
    private static void Install(string deb)
    {
        InstalledPackage.Dpkg("--install", deb).Ok();
        Assert.StartsWith("install ok installed ", InstalledPackage.Status, StringComparison.Ordinal);
    }

    // Its own database: this machine is Debian's.
    private static string Rpm(params string[] arguments)
    {
        Output output = Child.RunFor(Pace.Limit(60), ["rpm", "--nodeps", "--force-debian", .. arguments]);
        return output.Ok() + output.Error;
    }

    /// <summary>Like the new package, but that it cannot be unpacked.</summary>
    private static string Broken()
    {
        string directory = Directory.CreateTempSubdirectory("procfs-test-broken-").FullName;
        Child.RunFor(Pace.Limit(60), "sh", "-ec", """
            dpkg-deb --raw-extract "$1" "$2/tree"
            printf '#!/bin/sh\nexit 1\n' >"$2/tree/DEBIAN/preinst"
            chmod 755 "$2/tree/DEBIAN/preinst"
            sed -i 's/^Version: .*/&+broken/' "$2/tree/DEBIAN/control"
            dpkg-deb -Znone --root-owner-group --build "$2/tree" "$2/broken.deb"
            rm -r "$2/tree"
            """, "sh", InstalledPackage.Deb, directory).Ok();
        return $"{directory}/broken.deb";
    }

    /// <summary>Does something that no reader on the host or in the container may notice.</summary>
    private static void During(OciContainer container, string occasion, Action what)
    {
        string hang = Pace.Limit(60).TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string mount = FuseMounts.Identity(Units.Mount);
        using Reader host = Reader.OnHost(Units.Mount, "--hang", hang), inside = Reader.In(container, Units.Quota, "--hang", hang);
        Reader.AwaitReady(host, inside);

        what();

        Reader.AssertUntroubled(occasion, host, inside);
        Assert.Equal(mount, FuseMounts.Identity(Units.Mount));
        Assert.Equal(Limited, Total(container));
    }

    private static string Total(OciContainer container) => container.Exec("cat", "/proc/meminfo").Out.Split('\n')[0];

    // A start that takes longer than its unit allows, on a machine that is that slow, is tried again.
    private static void AssertActive() => Assert.True(Pace.Until(30, () => Child.Run("systemctl", "is-active", "procfs").ExitCode == 0), Units.Journal);

    // Files that were taken out while nobody served come back a moment later.
    private static void AssertServed(OciContainer container) =>
        Assert.True(Pace.Until(20, () => Total(container) == Limited), $"{Total(container)}\n{Units.Journal}");

    /// <summary>Nothing of it runs, is mounted, or is in the way of an engine; the container has the kernel's own files.</summary>
    private static void AssertGone(OciContainer container)
    {
        Assert.Equal(File.ReadLines("/proc/meminfo").First(), Total(container));
        Assert.Empty(container.OurFiles);
        Assert.Empty(FuseMounts.On(Units.Mount));
        Assert.Empty(FuseMounts.Below("/run/procfs"));
        Assert.True(Pace.Until(10, () => InstalledPackage.Processes().Length == 0), "a process is left");
        Assert.False(Path.Exists(Units.Program) || Path.Exists("/usr/bin/procfs-runtime") || Path.Exists(HookOfPodman), "a file is left");
        Assert.False(Path.Exists("/usr/lib/systemd/system/procfs.service") || Path.Exists("/usr/lib/systemd/system/procfs-keeper.service"), "a unit is left");
    }
}
