using System.Globalization;
using System.Text;
using ProcFs.Doctor;
using ProcFs.Doctor.Checks;

namespace ProcFs.Tests;

/// <summary>Which refusals of SELinux and AppArmor doctor takes for ours: those of whom the kernel says so, since the daemon was started.</summary>
public sealed class DoctorRefusalTests : IDisposable
{
    private const int Start = 1700000000, Daemon = 4711;

    private readonly DoctorTree _host = new();

    public DoctorRefusalTests()
    {
        _host.Write("/sys/fs/selinux/enforce", "1");
        _host.Write("/sys/module/apparmor/parameters/enabled", "Y\n");
        _host.Write("/proc/self/mountinfo", DoctorTree.Mounts + "9 1 0:50 /common /var/lib/procfs ro - fuse.procfs procfs rw,user_id=0\n");
        _host.ContainersMayRead = _ => true;
        _host.KernelLog = "6,1,1,-;Linux version\n";
        Confine("system_u:system_r:procfs_t:s0");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_container_that_takes_our_name_and_the_path_of_our_program_is_not_believed()
    {
        Audit(
            Avc(Start + 5, "{ write } for  pid=900 comm=\"procfs-x\" name=\"core_pattern\" dev=\"proc\" ino=7 scontext=system_u:system_r:container_t:s0:c1,c2 tcontext=system_u:object_r:fusefs_t:s0 tclass=file permissive=0"),
            $"type=SYSCALL msg=audit({Start + 5}.000:7): arch=c000003e syscall=257 success=no exit=-13 pid=900 uid=0 comm=\"procfs-x\" exe=\"/usr/bin/procfs\" subj=system_u:system_r:container_t:s0:c1,c2 key=(null)");
        Assert.StartsWith("ok: SELinux is enforcing", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);

        _host.KernelLog = Kernel(Start + 5, "apparmor=\"DENIED\" operation=\"mount\" class=\"mount\" profile=\"docker-default\" name=\"/var/lib/procfs/\" pid=900 comm=\"procfs\" fstype=\"fuse.procfs\"");
        Assert.StartsWith("ok: AppArmor is in use", _host.Find(new ApparmorCheck()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-3600, false)]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(3600, true)]
    public void What_the_daemon_was_refused_counts_from_its_start_on(int after, bool counts)
    {
        Audit(Avc(Start + after, $"{{ setns }} for  pid={Daemon} comm=\".NET TP Worker\" capability=21  scontext=system_u:system_r:procfs_t:s0 tcontext=system_u:system_r:procfs_t:s0 tclass=capability permissive=0"));
        _host.KernelLog = Kernel(Start + after, $"apparmor=\"DENIED\" operation=\"open\" class=\"file\" profile=\"procfs\" name=\"/sys/fs/cgroup/cpu.max\" pid={Daemon} comm=\".NET TP Worker\"");
        foreach ((ICheck check, string name) in new (ICheck, string)[] { (new SelinuxCheck(), "SELinux"), (new ApparmorCheck(), "AppArmor") })
        {
            IReadOnlyList<Finding> found = _host.Look(check);
            Assert.Equal(counts, found.Any(finding => finding.State == CheckState.Bad));
            if (counts)
            {
                Assert.StartsWith($"{name} has refused 1 action of the daemon's own processes (the last, of process {Daemon}: ", found[0].Text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Rules_that_were_made_of_refusals_are_for_somebody_to_read()
    {
        string refusal = $"{{ read }} for  pid={Daemon} comm=\"procfs\" name=\"x\" dev=\"proc\" ino=7 scontext=system_u:system_r:procfs_t:s0 tcontext=system_u:object_r:proc_t:s0 tclass=file permissive=0";
        Audit(Avc(Start + 1, refusal));
        Mend audit = _host.Look(new SelinuxCheck())[0].Mend!;
        Assert.StartsWith($"read the rules that would allow it (ausearch -m avc -p {Daemon} -ts boot --raw | audit2allow); ", audit.Line, StringComparison.Ordinal);
        Assert.EndsWith(_host.Host().Own.Start(), audit.Line, StringComparison.Ordinal);

        Audit("");
        _host.KernelLog = Kernel(Start + 1, "avc:  denied  " + refusal);
        Mend kernel = _host.Look(new SelinuxCheck())[0].Mend!;
        Assert.StartsWith($"read the rules that would allow it (dmesg | grep -F 'for  pid={Daemon} ' | audit2allow); ", kernel.Line, StringComparison.Ordinal);
        Assert.False(audit.IsCommand || kernel.IsCommand);
    }

    [Theory]
    [InlineData("system_u:system_r:container_runtime_t:s0", "procfs", 5, true)]
    [InlineData("system_u:system_r:procfs_t:s0", "procfs", 5, true)] // an attach of the daemon's
    [InlineData("system_u:system_r:container_runtime_t:s0", "procfs", -5, false)]
    [InlineData("system_u:system_r:container_runtime_t:s0", "runc", 5, false)]
    [InlineData("system_u:system_r:container_t:s0:c1,c2", "procfs", 5, false)]
    [InlineData("system_u:system_r:spc_t:s0", "procfs", 5, false)]
    public void A_hook_is_known_by_its_name_in_the_domain_of_an_engine(string domain, string name, int after, bool counts)
    {
        Audit(Avc(Start + after, $"{{ mounton }} for  pid=900 comm=\"{name}\" path=\"/proc/meminfo\" dev=\"proc\" ino=7 scontext={domain} tcontext=system_u:object_r:proc_t:s0 tclass=file permissive=0"));
        IReadOnlyList<Finding> found = _host.Look(new SelinuxCheck());
        Assert.Equal(counts ? [CheckState.Warning, CheckState.Ok] : [CheckState.Ok], found.Select(finding => finding.State));
        Assert.All(found, finding => Assert.NotEqual(true, finding.Mend?.IsCommand));
        Assert.Equal(!counts, found[^1].Text.Contains("nothing was refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("profile=\"/usr/bin/lxc-start\" name=\"/proc/meminfo\" pid=900 comm=\"procfs\" srcname=\"/x\"", true)]
    [InlineData("profile=\"/usr/bin/lxc-start\" name=\"/usr/lib/lxc/rootfs/\" pid=900 comm=\"lxc-start\" srcname=\"/var/lib/procfs/proc/stat\"", true)]
    [InlineData("profile=\"runc//null-/usr/bin/x\" pid=900 comm=\"exe\" fstype=\"fuse.procfs\"", true)]
    [InlineData("profile=\"procfs\" name=\"/x\" pid=900 comm=\"procfs\"", true)] // the daemon's own
    [InlineData("profile=\"/usr/bin/lxc-start\" name=\"/var/lib/procfs-other/\" pid=900 comm=\"lxc-start\"", false)]
    [InlineData("namespace=\"root//lxd-a_<var-snap>\" profile=\"/usr/bin/lxc-start\" pid=900 comm=\"procfs\"", false)]
    [InlineData("profile=\"lxc-container-default-cgns\" name=\"/\" pid=900 comm=\"procfs\" fstype=\"fuse.procfs\"", false)]
    [InlineData("profile=\"cri-containerd.apparmor.d\" name=\"/var/lib/procfs/\" pid=900 comm=\"procfs\"", false)]
    [InlineData("profile=\"unconfined\" pid=900 comm=\"procfs\"", false)]
    [InlineData("pid=900 comm=\"procfs\"", false)]
    public void Or_in_the_profile_of_an_engine(string refusal, bool counts)
    {
        Confine("procfs (enforce)");
        Audit($"type=AVC msg=audit({Start + 5}.250:9): apparmor=\"DENIED\" operation=\"mount\" class=\"mount\" info=\"failed pid={Daemon} match\" error=-13 {refusal}");
        Finding finding = Assert.Single(_host.Look(new ApparmorCheck()));
        Assert.Equal((counts ? CheckState.Warning : CheckState.Ok, counts ? false : (bool?)null), (finding.State, finding.Mend?.IsCommand));

        Confine("unconfined");
        Assert.Equal(counts && !refusal.Contains("\"procfs\" name=\"/x\"", StringComparison.Ordinal), Assert.Single(_host.Look(new ApparmorCheck())).State == CheckState.Warning);
    }

    [Theory]
    [InlineData("name=\"meminfo\" dev=\"fuse\" ino=16", Start, "warning")]
    [InlineData("path=\"/proc/meminfo\" dev=\"fuse\" ino=458768", Start + 9, "warning")] // of container 7
    [InlineData("name=\"cpu\" dev=\"fuse\" ino=6", Start, "warning")]
    [InlineData("name=\"meminfo\" dev=\"fuse\" ino=16", Start - 1, "ok")]
    [InlineData("name=\"meminfo\" dev=\"fuse\" ino=17", Start, "ok")]
    [InlineData("name=\"photo.jpeg\" dev=\"fuse\" ino=16", Start, "ok")]
    [InlineData("name=\"meminfo\" dev=\"vda\" ino=16", Start, "ok")]
    [InlineData("name=\"meminfo\" dev=\"fuse\"", Start, "ok")]
    public void A_refused_look_at_a_file_like_ours_is_not_surely_one_at_ours(string file, int at, string state)
    {
        Audit(Avc(at, $"{{ open }} for  pid=900 comm=\"free\" {file} scontext=system_u:system_r:monitor_t:s0 tcontext=system_u:object_r:fusefs_t:s0 tclass=file permissive=0"));
        Assert.StartsWith(state + ": SELinux is enforcing", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
        Mend? mend = _host.Look(new SelinuxCheck())[0].Mend;
        Assert.Equal(state == "ok", mend is null);
        Assert.True(mend is null || (!mend.IsCommand && mend.Line.StartsWith("if monitor_t is a domain of containers that should read them, ", StringComparison.Ordinal)), mend?.Line);
    }

    [Fact]
    public void A_mount_with_a_label_is_looked_at_by_that()
    {
        _host.Write("/proc/self/mountinfo", DoctorTree.Mounts + "9 1 0:50 /common /var/lib/procfs ro - fuse.procfs procfs rw,context=system_u:object_r:container_file_t:s0,user_id=0\n");
        const string look = "{ open } for  pid=900 comm=\"free\" name=\"meminfo\" dev=\"fuse\" ino=16 scontext=system_u:system_r:monitor_t:s0 tcontext=system_u:object_r:* tclass=file permissive=0";
        Audit(Avc(Start, look.Replace("*", "fusefs_t:s0", StringComparison.Ordinal)));
        Assert.Equal(CheckState.Ok, Assert.Single(_host.Look(new SelinuxCheck())).State);
        Audit(Avc(Start, look.Replace("*", "container_file_t:s0", StringComparison.Ordinal)));
        Finding finding = Assert.Single(_host.Look(new SelinuxCheck()));
        Assert.Equal((CheckState.Warning, false), (finding.State, finding.Mend!.IsCommand));
        Assert.StartsWith("if monitor_t should read them, allow it to read container_file_t in the policy, then: ", finding.Mend.Line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("type=USER_AVC msg=audit(*): pid=1 uid=0 msg='avc:  denied  { read } for  pid=4711 comm=\"procfs\" scontext=x:x:procfs_t:s0 permissive=0'")]
    [InlineData("type=USER msg=audit(*): pid=9 msg='x type=AVC msg=audit(*): avc:  denied  { read } for  pid=4711 comm=\"procfs\" scontext=x:x:procfs_t:s0 permissive=0'")]
    [InlineData("type=AVC msg=audit(*): avc:  granted  { read } for  pid=4711 comm=\"procfs\" scontext=x:x:procfs_t:s0 permissive=0")]
    [InlineData("type=AVC msg=audit(*): avc:  denied  { read } for  pid=4711 comm=\"procfs\" scontext=x:x:procfs_t:s0 permissive=1")]
    [InlineData("type=AVC msg=audit(): avc:  denied  { read } for  pid=4711 comm=\"procfs\"")]
    [InlineData("type=AVC msg=audit(99999999999999999999999999999999.1:1): avc:  denied  { read } for  pid=4711 comm=\"procfs\"")]
    [InlineData("type=AVC msg=audit(*): avc:  denied  { read } for  comm=\"procfs\" pid=")]
    [InlineData("type=AVC msg=audit(*)")]
    public void What_programs_write_into_the_log_and_what_is_no_refusal_is_passed_over(string line)
    {
        Audit(line.Replace("*", $"{Start + 5}.000:7", StringComparison.Ordinal));
        Assert.StartsWith("ok: ", _host.Find(new SelinuxCheck()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5,2,3,-;", true)]
    [InlineData("5,2,3,-,caller=T1;", true)]
    [InlineData("13,2,3,-;", false)] // written to /dev/kmsg by somebody
    [InlineData(" SUBSYSTEM=x;", false)]
    [InlineData("", false)]
    public void The_kernels_log_has_lines_of_others_too(string prefix, bool counts)
    {
        _host.KernelLog = Kernel(Start, $"apparmor=\"DENIED\" operation=\"open\" profile=\"procfs\" name=\"/x\" pid={Daemon} comm=\"x\"").Replace("5,2,3,-;", prefix, StringComparison.Ordinal);
        Assert.Equal(counts ? CheckState.Bad : CheckState.Ok, Assert.Single(_host.Look(new ApparmorCheck())).State);
    }

    [Fact]
    public void The_fields_of_a_record()
    {
        Audit($"node=a type=AVC msg=audit({Start}.500:7): avc:  denied  {{ read }} for  pid=7 comm=\"a pid=9\" name=78206 dev=\"fuse\" tclass=file permissive=0\u001dSYSCALL=open pid=8");
        LsmRecord record = Assert.Single(LsmRecord.Of(_host.Host(), LsmRecord.Selinux, out bool hasLog));
        Assert.True(hasLog);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds((Start * 1000L) + 500), record.At);
        Assert.Equal((7, "a pid=9", "78206", "fuse", "file"), (record.Pid, record.Name, record.Field("name"), record.Field("dev"), record.Field("tclass")));
        Assert.Null(record.Field("SYSCALL"));
        Assert.EndsWith("permissive=0", record.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_with_anything_in_it_is_read()
        => Hostile.Attack(
            [
                Encoding.UTF8.GetBytes(Avc(Start, "{ read } for  pid=7 comm=\"cat\" name=\"meminfo\" dev=\"fuse\" ino=16 scontext=a:b:c_t:s0 tcontext=d:e:f_t:s0 tclass=file permissive=0")),
                Encoding.UTF8.GetBytes(Kernel(Start, "avc:  denied  { read } for  pid=7 comm=\"cat\" ino=16")),
            ],
            seed: 20260, bytes =>
            {
                string text = Encoding.UTF8.GetString(bytes);
                return LsmRecord.In(text, text, LsmRecord.Selinux).All(record => record.Pid >= 0
                    && new[] { "pid", "comm", "name", "dev", "ino", "scontext", "permissive", "=", "" }.All(name => record.Field(name) is not { } value || text.Contains(value, StringComparison.Ordinal)));
            });

    [Fact]
    public void Without_a_daemon_all_that_the_log_has_counts()
    {
        _host.OwnProcesses = [];
        Audit(Avc(Start - 1000000, "{ read } for  pid=900 comm=\"procfs\" scontext=system_u:system_r:container_runtime_t:s0 tcontext=x tclass=file permissive=0"));
        Assert.Equal(CheckState.Warning, _host.Look(new SelinuxCheck())[0].State);
    }

    private void Confine(string label) => _host.OwnProcesses = [new OwnProcess(Daemon, DateTimeOffset.FromUnixTimeSeconds(Start), label)];

    private void Audit(params string[] lines) => _host.Write("/var/log/audit/audit.log", "type=OTHER\n" + string.Join('\n', lines) + "\n");

    private static string Avc(int at, string text) => string.Create(CultureInfo.InvariantCulture, $"type=AVC msg=audit({at}.000:7): avc:  denied  {text}");

    private static string Kernel(int at, string text) => string.Create(CultureInfo.InvariantCulture, $"6,1,1,-;Linux version\n5,2,3,-;audit: type=1400 audit({at}.000:7): {text}\n SUBSYSTEM=x\n");
}
