namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>Units that are not as they were shipped, under systemd: named by doctor, and mended by what it says.</summary>
[Trait("run", "long")]
public sealed class BrokenUnits(Units units, ServedTree tree) : IClassFixture<Units>
{
    private const string ForAll = "/run/systemd/system/service.d/10-hardening.conf";
    private const string DropIn = "/etc/systemd/system/procfs.service.d/zz-store.conf";

    [Fact]
    public void Are_named_and_mended()
    {
        Assert.SkipUnless(Guest.HasSystemd, "needs a guest that is thrown away, with systemd as process 1: ./build.sh vm-test");
        Doctor doctor = new(tree.NewDirectory("doctor"), [], []);
        doctor.ExpectOk("systemd.store", 30);
        Diagnosis before = doctor.LookFor(exitCode: 0);
        Assert.True(before.ExitCode == 0, before.Raw);
        doctor.ExpectOk("systemd"); // systemctl has half a second for its answer, which may be short in a guest
        doctor.ExpectOk("containers.files");
        Assert.Contains(units.Container.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture), Child.Run(Units.Program, "status").Ok(), StringComparison.Ordinal);
        try
        {
            doctor.Mend("systemd.units", "warning", "procfs.service is not enabled");

            // What is impossible is tried once: the unit fails, and its mount waits at the keeper.
            Units.Override("[Service]\nPrivateTmp=yes\n");
            string mount = FuseMounts.Device(Units.Mount);
            Assert.NotEqual(0, Child.RunFor(Pace.Limit(30), "systemctl", "restart", "procfs").ExitCode);
            Assert.True(Pace.Until(10, () => State("ActiveState") == "failed"), Units.Journal);
            string restarts = State("NRestarts");
            Thread.Sleep(1000);
            Assert.Equal(("failed", restarts), (State("ActiveState"), State("NRestarts")));
            doctor.LookFor("systemd.store", "warning", "procfs.service has failed").Expect("systemd.store", "warning", "procfs.service has failed");
            doctor.Mend("systemd.namespace", "bad", "sets PrivateTmp=yes, by which procfs.service gets a mount namespace of its own");
            doctor.ExpectOk("daemon");
            doctor.ExpectOk("systemd.store", 30);
            Assert.Equal(mount, FuseMounts.Device(Units.Mount));

            Units.Override(null);
            File.Delete("/etc/systemd/system/procfs.service.d/zz-procfs.conf"); // what has just been mended is broken again
            Hardened(doctor);
            Assert.Equal(mount, FuseMounts.Device(Units.Mount));

            Units.Override("[Service]\nFileDescriptorStoreMax=0\n");
            doctor.Mend("systemd.units", "warning", "procfs.service may store no descriptors (FileDescriptorStoreMax= in ");
            doctor.ExpectOk("systemd.store", 30);

            Units.Control("stop", "procfs");
            Diagnosis stopped = doctor.Mend("daemon", "bad", "nobody serves /var/lib/procfs");
            Assert.Equal(1, stopped.ExitCode);
            doctor.ExpectOk("systemd.store", 30);
        }
        finally
        {
            Child.Run(["rm", "-f", DropIn, ForAll, .. new[] { "procfs", "procfs-keeper" }.Select(unit => $"/etc/systemd/system/{unit}.service.d/zz-procfs.conf")]).Ok();
            Units.Override(null);
            Units.Control("disable", "procfs");
            Units.Control("restart", "procfs");
        }
    }

    [Fact]
    public void A_service_with_a_proc_of_its_own_is_no_container()
    {
        Assert.SkipUnless(Guest.HasSystemd, "needs a guest that is thrown away, with systemd as process 1: ./build.sh vm-test");
        const string unit = "procfs-test-protected";
        Child.Run("systemd-run", "--unit", unit, "--property", "Type=exec", "--property", "ProtectProc=invisible", "sleep", "600").Ok();
        try
        {
            string pid = Child.Run("systemctl", "show", "--property", "MainPID", "--value", unit).Line();
            Assert.NotEqual(ProcDevice("self"), ProcDevice(pid));

            Doctor doctor = new(tree.NewDirectory("doctor"), [], []);
            Diagnosis? diagnosis = null;
            // On a busy machine it may not get at everything in its time.
            Assert.True(Pace.Until(30, () => (diagnosis = doctor.Look()).Of("containers.unregistered").All(told => !told.Text.Contains("could not be looked at", StringComparison.Ordinal))), diagnosis?.Raw);
            Assert.All(diagnosis!.Of("containers.unregistered"), told => Assert.DoesNotContain(pid, $"{told.Text} {told.Command} {told.Advice}".Split(' ', ',', ')')));
        }
        finally
        {
            Child.Run("systemctl", "stop", unit);
        }
    }

    /// <summary>What is mounted on /proc, as a process sees it.</summary>
    private static string ProcDevice(string process) => File.ReadLines($"/proc/{process}/mountinfo").Last(line => line.Split(' ')[4] == "/proc").Split(' ')[2];

    /// <summary>Settings for all services: they are taken back for ours, and stay for the others.</summary>
    private static void Hardened(Doctor doctor)
    {
        const string text = "[Service]\nPrivateTmp=yes\nPrivateTmp=\nReadOnlyPaths=/etc \\\n  /usr\nProtectHome=read-only\n";
        string[] units = ["procfs", "procfs-keeper"];
        Directory.CreateDirectory(Path.GetDirectoryName(ForAll)!);
        File.WriteAllText(ForAll, text);
        Units.Control("daemon-reload");
        Assert.All([.. units, "rescue"], unit => Assert.Equal(("yes", "/etc /usr", "read-only"), Settings(unit)));

        int keeper = Units.KeeperPid;
        Told[] told = [.. doctor.LookFor("systemd.namespace", "bad", $"{ForAll} sets PrivateTmp=yes").Of("systemd.namespace")];
        Assert.Equal(6, told.Length);
        Assert.All(told, finding => Assert.Equal("bad", finding.State));
        string[] lines = [.. told.Select(finding => finding.Command!).Distinct()];
        Assert.Equal(2, lines.Length); // of each unit one: it starts with none of them
        Array.ForEach(lines, doctor.Do);

        doctor.ExpectOk("systemd.namespace");
        Assert.All(units, unit => Assert.Equal(("no", "", "no"), Settings(unit)));
        Assert.Equal(("yes", "/etc /usr", "read-only"), Settings("rescue"));
        Assert.Equal(text, File.ReadAllText(ForAll));
        Units.ExpectKeeper(keeper);
        doctor.ExpectOk("daemon");
        doctor.ExpectOk("systemd.store", 30);
    }

    private static (string Tmp, string Paths, string Home) Settings(string unit) => (State("PrivateTmp", unit), State("ReadOnlyPaths", unit), State("ProtectHome", unit));

    private static string State(string property, string unit = "procfs") => Child.Run("systemctl", "show", "--property", property, "--value", unit).Line();
}
