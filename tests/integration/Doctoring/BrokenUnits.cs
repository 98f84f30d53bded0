namespace ProcFs.Integration.Tests.Doctoring;

/// <summary>Units that are not as they were shipped, under systemd: named by doctor, and mended by what it says.</summary>
[Trait("run", "long")]
public sealed class BrokenUnits(Units units, ServedTree tree) : IClassFixture<Units>
{
    private const string DropIn = "/etc/systemd/system/procfs.service.d/zz-store.conf";

    [Fact]
    public void Are_named_and_mended()
    {
        Assert.SkipUnless(Guest.HasSystemd, "needs a guest that is thrown away, with systemd as process 1: ./build.sh vm-test");
        Doctor doctor = new(tree.NewDirectory("doctor"), [], []);
        doctor.ExpectOk("systemd.store", 30);
        Diagnosis before = doctor.Look();
        Assert.True(before.ExitCode == 0, before.Raw);
        before.ExpectOk("systemd");
        before.ExpectOk("containers.files");
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
            File.Delete(DropIn);
            Units.Override(null);
            Units.Control("disable", "procfs");
            Units.Control("restart", "procfs");
        }
    }

    private static string State(string property) => Child.Run("systemctl", "show", "--property", property, "--value", "procfs").Line();
}
