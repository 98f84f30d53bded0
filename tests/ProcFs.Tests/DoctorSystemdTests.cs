using ProcFs.Doctor;
using ProcFs.Doctor.Checks;

namespace ProcFs.Tests;

/// <summary>What doctor says of units, by their files and by what systemctl says.</summary>
public sealed class DoctorSystemdTests : IDisposable
{
    private const string Units = "/usr/lib/systemd/system";

    private readonly DoctorTree _host = new();

    public DoctorSystemdTests()
    {
        _host.Write("/run/systemd/system/keep", "");
        foreach (string name in new[] { "procfs.service", "procfs-keeper.service" })
        {
            _host.Write($"{Units}/{name}", File.ReadAllText(Path.Combine(Fixtures.Repository, "systemd", name)));
        }

        _host.Link("/etc/systemd/system/multi-user.target.wants/procfs.service", $"{Units}/procfs.service");
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_units_as_they_are_shipped_are_right()
    {
        Assert.Equal("ok: both units are installed, may store descriptors, and are started at boot", _host.Find(new UnitsCheck()));
        Assert.Equal("ok: no unit of ours has a mount namespace of its own", _host.Find(new UnitNamespaceCheck()));
    }

    [Fact]
    public void One_is_missing()
    {
        File.Delete(_host.Host().Places.Root + $"{Units}/procfs-keeper.service");
        Assert.StartsWith("warning: procfs-keeper.service is not installed", _host.Find(new UnitsCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void One_is_masked()
    {
        _host.Link("/etc/systemd/system/procfs.service", "/dev/null");
        _host.Write("/dev/null", "");
        Finding finding = Assert.Single(_host.Look(new UnitsCheck()));
        Assert.Equal("procfs.service is masked (/etc/systemd/system/procfs.service): it cannot be started", finding.Text);
        Assert.Equal(Mend.Run("systemctl unmask procfs.service"), finding.Mend);
    }

    [Fact]
    public void One_is_not_enabled()
    {
        File.Delete(_host.Host().Places.Root + "/etc/systemd/system/multi-user.target.wants/procfs.service");
        Assert.Equal("warning: procfs.service is not enabled: after the next boot nobody serves", _host.Find(new UnitsCheck()));
    }

    [Fact]
    public void A_drop_in_takes_the_store_away()
    {
        _host.Write("/etc/systemd/system/procfs.service.d/50-mine.conf", "[Service]\nFileDescriptorStoreMax = 0\n");
        Finding finding = Assert.Single(_host.Look(new UnitsCheck()));
        Assert.Contains("procfs.service may store no descriptors (FileDescriptorStoreMax= in /etc/systemd/system/procfs.service.d/50-mine.conf)", finding.Text, StringComparison.Ordinal);
        Assert.True(finding.Mend!.IsCommand);
    }

    [Theory]
    [InlineData("PrivateTmp=yes", true)]
    [InlineData("ProtectSystem = strict", true)]
    [InlineData("ReadOnlyPaths=/etc \\\n  /usr", true)]
    [InlineData("PrivateTmp=no", false)]
    [InlineData("# PrivateTmp=yes", false)]
    [InlineData("PrivateTmp=No", false)]
    [InlineData("PrivateTmp=yes\nPrivateTmp=no", false)]
    [InlineData("PrivateTmp=yes\nPrivateTmp=", true)] // an empty one is no boolean, and passed over
    [InlineData("ReadOnlyPaths=/etc\nReadOnlyPaths=", false)] // a list it empties
    [InlineData("ReadOnlyPaths=\nReadOnlyPaths=/etc", true)]
    public void A_drop_in_makes_a_mount_namespace(string line, bool isWrong)
    {
        _host.Write("/etc/systemd/system/service.d/10-hardening.conf", $"[Service]\n{line}\n");
        IReadOnlyList<Finding> found = _host.Look(new UnitNamespaceCheck());
        Assert.Equal(isWrong ? CheckState.Bad : CheckState.Ok, found[0].State);
        Assert.Equal(isWrong ? 2 : 1, found.Count); // for both units, when it is for all services
        if (isWrong)
        {
            Assert.StartsWith("/etc/systemd/system/service.d/10-hardening.conf sets " + line.Split('=')[0].Trim(), found[0].Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("/etc/systemd/system/service.d/10-hardening.conf", "zz-procfs.conf")] // for all services
    [InlineData("/usr/lib/systemd/system/procfs.service.d/10-vendor.conf", "zz-procfs.conf")] // a package's
    [InlineData("/etc/systemd/system/procfs.service.d/zz-procfs.conf", "zz-procfs.conf")]
    [InlineData("/etc/systemd/system/service.d/zz-procfs.conf", "zz-procfs.procfs.conf")]
    [InlineData("/etc/systemd/system/service.d/zzz.conf", "zzz.procfs.conf")]
    [InlineData("/etc/systemd/system/procfs.service.d/zzz.conf", "zzz.procfs.conf")]
    [InlineData("/etc/systemd/system/procfs.service.d/zzz.procfs.conf", "zzz.procfs.conf")]
    [InlineData("/usr/lib/systemd/system/procfs.service", "zz-procfs.conf")] // the unit itself
    public void Settings_are_taken_back_for_our_units_alone_and_nobody_elses_file_is_touched(string file, string dropIn)
    {
        const string settings = "[Service]\nPrivateTmp=yes\nProtectHome=read-only\nReadOnlyPaths=/etc \\\n  /usr\nProtectProc=invisible\nMountFlags=slave\nUser=root";
        string ours = _host.Host().Places.Root + "/etc/systemd/system/procfs.service.d/" + dropIn;
        string before = file.EndsWith(".conf", StringComparison.Ordinal) ? settings : $"{_host.Host().Files.Read(file)}\n{settings}";
        _host.Write(file, before);
        Finding[] wrong = [.. _host.Look(new UnitNamespaceCheck()).Where(finding => finding.Text.Contains("by which procfs.service gets", StringComparison.Ordinal))];
        Assert.Equal(5, wrong.Length);
        // Nothing starts while one of them is there: each line is for all.
        string line = Assert.Single(wrong.Select(finding => finding.Mend!.Line).Distinct());
        Assert.EndsWith(" && systemctl daemon-reload && systemctl restart procfs", line, StringComparison.Ordinal);
        Do(line);
        Assert.DoesNotContain(_host.Look(new UnitNamespaceCheck()), finding => finding.Text.Contains("by which procfs.service gets", StringComparison.Ordinal));
        string text = File.ReadAllText(ours);
        Assert.EndsWith("\n[Service]\nPrivateTmp=no\nProtectHome=no\nProtectProc=default\nReadOnlyPaths=\nMountFlags=\n", text, StringComparison.Ordinal);
        string after = _host.Host().Files.Read(file)!;
        Assert.StartsWith(before, after, StringComparison.Ordinal);
        Assert.True(after == before || ours.EndsWith(file, StringComparison.Ordinal), after);

        // What comes later is taken back as well, and what was stays so.
        _host.Write("/etc/systemd/system/service.d/00-more.conf", "[Service]\nProtectSystem=full\n");
        Do(_host.Look(new UnitNamespaceCheck()).Single(finding => finding.Text.Contains("by which procfs.service gets", StringComparison.Ordinal)).Mend!.Line);
        Assert.DoesNotContain(_host.Look(new UnitNamespaceCheck()), finding => finding.Text.Contains("by which procfs.service gets", StringComparison.Ordinal));
    }

    [Fact]
    public void The_keeper_has_a_file_of_its_own_and_is_ended_for_the_next_one()
    {
        _host.Write("/etc/systemd/system/service.d/10-hardening.conf", "[Service]\nPrivateTmp=yes\n");
        Finding keeper = _host.Look(new UnitNamespaceCheck()).Single(finding => finding.Text.Contains("procfs-keeper.service", StringComparison.Ordinal));
        Assert.StartsWith("mkdir -p /etc/systemd/system/procfs-keeper.service.d && ", keeper.Mend!.Line, StringComparison.Ordinal);
        Assert.EndsWith(" && systemctl daemon-reload && { systemctl kill procfs-keeper; systemctl start procfs-keeper; }", keeper.Mend.Line, StringComparison.Ordinal);
        Assert.All(_host.Look(new UnitNamespaceCheck()), finding => Do(finding.Mend!.Line));
        Assert.StartsWith("ok: ", _host.Find(new UnitNamespaceCheck()), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_drop_ins_with_one_name_the_strongest_counts()
    {
        _host.Write("/usr/lib/systemd/system/procfs.service.d/a.conf", "[Service]\nPrivateTmp=yes\n");
        _host.Write("/etc/systemd/system/procfs.service.d/a.conf", "[Service]\n");
        Assert.StartsWith("ok: no unit of ours", _host.Find(new UnitNamespaceCheck()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("systemd 252 (252.39-1~deb12u1)\n+PAM", "ok: systemd 252 keeps the daemon's descriptors")]
    [InlineData("systemd 245 (245.4)\n", "note: systemd 245 does not say that a descriptor is stored (248 does)")]
    [InlineData("systemd 219\n", "note: systemd 219 does not name descriptors that it stores (233 does)")]
    [InlineData("nonsense", "note: systemd is the manager here, and systemctl did not say in time which version it is")]
    [InlineData(null, "note: systemd is the manager here, and systemctl did not say in time which version it is")]
    public void Its_version(string? text, string expected)
    {
        _host.Systemctl = command => command is ["systemctl", "--version"] ? text : throw new InvalidOperationException();
        Assert.StartsWith(expected, _host.Find(new SystemdCheck()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("active", "2", "active", "2", "ok: both units run, and systemd holds the descriptors of both", null)]
    [InlineData("active", "0", "active", "2", "warning: systemd holds no descriptors of procfs.service", "systemctl restart procfs")]
    [InlineData("active", "2", "active", "0", "warning: systemd holds no descriptors of procfs-keeper.service", "systemctl kill procfs-keeper")]
    [InlineData("active", "2", "inactive", "0", "warning: procfs-keeper.service is inactive", "systemctl start procfs-keeper.service")]
    [InlineData("failed", "0", "active", "2", "warning: procfs.service has failed, and systemd does not start it again by itself: journalctl -u procfs.service says why", "systemctl start procfs.service")]
    public void What_it_holds(string state, string store, string keeperState, string keeperStore, string expected, string? mend)
    {
        _host.Systemctl = _ => $"Id=procfs.service\nActiveState={state}\nSubState=x\nNFileDescriptorStore={store}\nNeedDaemonReload=no\n\n"
            + $"Id=procfs-keeper.service\nActiveState={keeperState}\nSubState=x\nNFileDescriptorStore={keeperStore}\nNeedDaemonReload=no\n";
        Finding finding = Assert.Single(_host.Look(new StoreCheck()));
        Assert.StartsWith(expected, $"{CheckStates.Word(finding.State)}: {finding.Text}", StringComparison.Ordinal);
        Assert.Equal(mend, finding.Mend?.Line);
    }

    [Fact]
    public void A_changed_unit_that_was_not_read()
    {
        _host.Systemctl = _ => "Id=procfs.service\nActiveState=active\nNFileDescriptorStore=2\nNeedDaemonReload=yes\n\nId=procfs-keeper.service\nActiveState=active\nNFileDescriptorStore=2\n";
        Assert.Equal(Mend.Run("systemctl daemon-reload"), Assert.Single(_host.Look(new StoreCheck())).Mend);
    }

    /// <summary>Runs a line in the tree, without systemd.</summary>
    private void Do(string line)
    {
        string inTree = line.Replace(" /etc/", $" {_host.Host().Places.Root}/etc/", StringComparison.Ordinal).Replace(">/etc/", $">{_host.Host().Places.Root}/etc/", StringComparison.Ordinal);
        using System.Diagnostics.Process sh = System.Diagnostics.Process.Start("/bin/sh", ["-ec", $"systemctl() {{ :; }}; {inTree}"]);
        Assert.True(sh.WaitForExit(TimeSpan.FromSeconds(30)), line);
        Assert.Equal(0, sh.ExitCode);
    }

    [Fact]
    public void Where_it_is_the_manager_it_is_what_starts_the_daemon()
        => Assert.Equal(("systemctl start procfs", "systemctl restart procfs", "systemctl kill -s KILL procfs"), (_host.Host().Own.Start(), _host.Host().Own.Restart(7, false, true), _host.Host().Own.Kill(7, false, true)));

    [Fact]
    public void Without_it_a_supervisor_or_a_shell_starts_the_next_daemon()
    {
        OwnCommands own = new(_host.Host().Places, isUnit: false);
        Assert.Equal(("kill 7", "kill -KILL 7"), (own.Restart(7, isSupervised: true, hasKeeper: true), own.Kill(7, isSupervised: true, hasKeeper: true)));
        Assert.Matches("^kill -KILL 7; .* serve .*", own.Kill(7, isSupervised: false, hasKeeper: true));
        Assert.Matches("^kill -KILL 7; .* supervise .*", own.Kill(7, isSupervised: false, hasKeeper: false));
    }
}
