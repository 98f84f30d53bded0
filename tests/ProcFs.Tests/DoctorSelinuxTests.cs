using ProcFs.Configuration;
using ProcFs.Doctor;
using ProcFs.Doctor.Checks;

namespace ProcFs.Tests;

/// <summary>What doctor says of SELinux: the mount's label, and what was refused.</summary>
public sealed class DoctorSelinuxTests : IDisposable
{
    private const string Label = "system_u:object_r:container_file_t:s0", Fuse = "system_u:object_r:fusefs_t:s0";
    private const string Anew = " serve --unmount --proc-root"; // the tree's own places follow
    private const string Denied = "type=AVC msg=audit(1.2:3): avc:  denied  { read } for  pid=7 comm=\"free\" name=\"meminfo\" dev=\"fuse\" ino=16 scontext=a:a:a_t:s0 tcontext=system_u:object_r:fusefs_t:s0 tclass=file";

    private readonly DoctorTree _host = new();

    public DoctorSelinuxTests()
    {
        _host.Write("/sys/fs/selinux/enforce", "1");
        Mount("");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void It_is_not_in_use()
    {
        using DoctorTree without = new();
        Assert.Equal("ok: SELinux is not in use", without.Find(new SelinuxCheck()));
    }

    [Theory]
    [InlineData("0", "", "note: SELinux is permissive, and the mount has no label of its own, so files of ours have the type fusefs_t, which a policy may keep from containers")]
    [InlineData("1", "", "note: SELinux is enforcing, and the mount has no label of its own, so files of ours have the type fusefs_t, which a policy may keep from containers")]
    [InlineData("1", Denied, "warning: SELinux is enforcing, and has refused 1 look at files on a FUSE mount that are labelled, named and numbered like ours; whose mount it was the records do not say (the last: avc:  denied  { read } for  pid=7")]
    [InlineData("0", Denied, "note: SELinux is permissive, and would have refused 1 look at files on a FUSE mount")]
    [InlineData("1", "type=AVC msg=audit(1.2:3): avc:  denied  { read } for  pid=7 comm=\"free\" tcontext=system_u:object_r:etc_t:s0", "note: SELinux is enforcing")]
    public void Where_the_policy_cannot_be_asked(string enforce, string log, string expected)
    {
        _host.Write("/sys/fs/selinux/enforce", enforce);
        _host.Write("/var/log/audit/audit.log", "type=OTHER\n" + log + "\n");
        Assert.StartsWith(expected, _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("system_u:object_r:container_ro_file_t:s0", "ok: SELinux is enforcing, and the mount has the label system_u:object_r:container_ro_file_t:s0, which containers may read")]
    [InlineData("\"system_u:object_r:container_file_t:s0:c1,c2\"", "ok: SELinux is enforcing, and the mount has the label system_u:object_r:container_file_t:s0:c1,c2, which containers may read")]
    [InlineData("system_u:object_r:etc_t:s0", "note: SELinux is enforcing, and the mount has the label system_u:object_r:etc_t:s0, which a policy may keep from containers")]
    public void A_label_is_known_by_its_type_where_the_policy_cannot_be_asked(string context, string expected)
    {
        Mount($"context={context},");
        Assert.StartsWith(expected, _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_containers_may_not_read_get_a_label_by_the_configuration()
    {
        _host.ContainersMayRead = label => label == Label;
        Finding finding = Assert.Single(_host.Look(new SelinuxCheck()));
        Assert.Equal((CheckState.Bad, "SELinux is enforcing and keeps containers (container_t) from reading: the mount has no label of its own, so files of ours have the type fusefs_t"), (finding.State, finding.Text));
        Assert.True(finding.Mend!.IsCommand);
        Assert.StartsWith($"mkdir -p /etc/procfs && echo '{{ \"selinuxContext\": \"{Label}\" }}' >/etc/procfs/procfs.json && ", finding.Mend.Line, StringComparison.Ordinal);
        Assert.Contains(Anew, finding.Mend.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_that_is_there_is_left_to_who_wrote_it()
    {
        _host.ContainersMayRead = label => label == Label;
        _host.Write("/etc/procfs/procfs.json", "{}");
        Mend mend = Assert.Single(_host.Look(new SelinuxCheck())).Mend!;
        Assert.False(mend.IsCommand);
        Assert.StartsWith($"add \"selinuxContext\": \"{Label}\" to /etc/procfs/procfs.json, then: ", mend.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_that_is_configured_needs_a_new_mount()
    {
        _host.ContainersMayRead = label => label == Label;
        _host.Config = new ProcFsConfig { SelinuxContext = Label };
        Finding finding = Assert.Single(_host.Look(new SelinuxCheck()));
        Assert.Equal((CheckState.Bad, true), (finding.State, finding.Mend!.IsCommand));
        Assert.DoesNotContain("procfs.json", finding.Mend.Line, StringComparison.Ordinal);

        _host.ContainersMayRead = _ => true;
        Assert.StartsWith($"note: SELinux is enforcing, and the mount has no label of its own, so files of ours have the type fusefs_t: {Label} is configured, and counts when the mount is made anew", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_without_a_type_for_containers_is_not_told_one()
    {
        _host.ContainersMayRead = label => label == Fuse ? false : null;
        Mend mend = Assert.Single(_host.Look(new SelinuxCheck())).Mend!;
        Assert.False(mend.IsCommand);
        Assert.StartsWith("set \"selinuxContext\" in /etc/procfs/procfs.json to a label that this policy lets containers read", mend.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_that_lets_them_read_is_right()
    {
        _host.ContainersMayRead = _ => true;
        Assert.StartsWith("ok: SELinux is enforcing, and the mount has no label of its own, so files of ours have the type fusefs_t, which containers may read", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
        _host.Write("/sys/fs/selinux/enforce", "0");
        Assert.StartsWith("note: SELinux is permissive", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_refused_before_the_mount_had_a_label_is_over()
    {
        _host.ContainersMayRead = label => label == Label;
        _host.Write("/var/log/audit/audit.log", Denied + "\n");
        Finding before = Assert.Single(_host.Look(new SelinuxCheck()));
        Assert.Equal(CheckState.Bad, before.State);
        Assert.Contains("selinuxContext", before.Mend!.Line, StringComparison.Ordinal);
        Assert.True(before.Mend.IsCommand);
        Mount($"context={Label},");
        Assert.StartsWith("ok: SELinux is enforcing", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_under_a_policy_without_containers_is_for_a_label_that_somebody_chooses()
    {
        _host.Write("/var/log/audit/audit.log", Denied + "\n");
        Mend mend = Assert.Single(_host.Look(new SelinuxCheck())).Mend!;
        Assert.False(mend.IsCommand);
        Assert.StartsWith("if a_t is a domain of containers that should read them, set \"selinuxContext\" in /etc/procfs/procfs.json to a label that this policy lets containers read, then: ", mend.Line, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_daemon_may_not_do_is_only_noted_while_SELinux_is_permissive()
    {
        _host.Write("/sys/fs/selinux/enforce", "0");
        _host.OwnProcesses = [new OwnProcess(7, DateTimeOffset.UnixEpoch, "")];
        _host.Write("/var/log/audit/audit.log", Denied + " permissive=1\n");
        Assert.Equal([CheckState.Note, CheckState.Note], _host.Look(new SelinuxCheck()).Select(finding => finding.State));
        Assert.StartsWith("SELinux is permissive, and would have refused 1 action of the daemon's own processes", _host.Look(new SelinuxCheck())[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_mount_the_next_one_counts()
    {
        _host.Write("/proc/self/mountinfo", DoctorTree.Mounts);
        _host.Config = new ProcFsConfig { SelinuxContext = Label };
        Assert.StartsWith($"ok: SELinux is enforcing, and the next mount has the label {Label}", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
    }

    private void Mount(string options)
        => _host.Write("/proc/self/mountinfo", DoctorTree.Mounts + $"9 1 0:50 /common /var/lib/procfs ro - fuse.procfs procfs rw,{options}user_id=0,max_read=1\n");
}
