using System.Text;
using System.Text.Json;
using ProcFs.Host;
using ProcFs.Metrics;
using ProcFs.Status;

namespace ProcFs.Tests;

/// <summary>What those get told who make a container's mounts themselves: what to bind where, and whether somebody serves it.</summary>
public sealed class TargetsTests : IDisposable
{
    private readonly HostTree _host = HostTree.V2();

    private HostRoots Roots => HostRoots.From(_host.Path("proc"), _host.Path("sys/fs/cgroup"));

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_line_has_source_destination_and_options()
    {
        string[] lines = BindTargets.Choose(Roots, "/m", null, forRuntimes: false).Text().Split('\n');
        Assert.Equal("/m/proc/meminfo\t/proc/meminfo\tbind,ro,nosuid,nodev,noexec", lines[0]);
        Assert.Contains("/m/sys/devices/system/cpu\t/sys/devices/system/cpu\tbind,ro,nosuid,nodev,noexec", lines);
        // Triggers are written to these.
        Assert.Contains("/m/proc/pressure/cpu\t/proc/pressure/cpu\tbind,rw,nosuid,nodev,noexec", lines);
        Assert.Equal(ProcFs.Hook.Hooking.ServedFiles.All.Count, lines.Count(line => line.Length > 0));
    }

    [Fact]
    public void What_the_host_does_not_have_is_not_listed()
    {
        File.Delete(_host.Path("proc/slabinfo"));
        Assert.DoesNotContain("proc/slabinfo", BindTargets.Choose(Roots, "/m", null, forRuntimes: false).Files);
        Failure failure = Assert.Throws<Failure>(() => BindTargets.Choose(Roots, "/m", ["proc/slabinfo"], forRuntimes: false));
        Assert.Equal("this host has no /proc/slabinfo itself, so it is not served; leave it out of --files", failure.Message);
    }

    [Fact]
    public void Runtimes_are_told_only_of_what_they_accept()
    {
        BindTargets targets = BindTargets.Choose(Roots, "/m", null, forRuntimes: true);
        Assert.Equal(
            ["proc/cpuinfo", "proc/diskstats", "proc/loadavg", "proc/meminfo", "proc/slabinfo", "proc/stat", "proc/swaps", "proc/uptime", "sys/devices/system/cpu"],
            targets.Files.Order(StringComparer.Ordinal));
        Failure failure = Assert.Throws<Failure>(() => BindTargets.Choose(Roots, "/m", ["proc/meminfo", "proc/vmstat"], forRuntimes: true));
        Assert.StartsWith("runtimes refuse a mount on /proc/vmstat; ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_element_of_mounts_is_as_runtimes_read_it()
    {
        JsonElement mount = Assert.Single(Parse(BindTargets.Choose(Roots, "/a \"b", ["proc/stat"], forRuntimes: true).Oci()).EnumerateArray());
        Assert.Equal(["destination", "type", "source", "options"], mount.EnumerateObject().Select(member => member.Name));
        Assert.Equal(("/proc/stat", "bind", "/a \"b/proc/stat"), (Text("destination"), Text("type"), Text("source")));
        Assert.Equal(["bind", "ro", "nosuid", "nodev", "noexec"], mount.GetProperty("options").EnumerateArray().Select(option => option.GetString()));

        string? Text(string name) => mount.GetProperty(name).GetString();
    }

    [Fact]
    public void Json_has_the_pairs_and_the_mount()
    {
        JsonElement list = Parse(BindTargets.Choose(Roots, "/m", ["sys/devices/system/cpu/online"], forRuntimes: false).Json());
        Assert.Equal("/m", list.GetProperty("mount").GetString());
        JsonElement target = Assert.Single(list.GetProperty("targets").EnumerateArray());
        Assert.Equal("/m/sys/devices/system/cpu/online", target.GetProperty("source").GetString());
        Assert.Equal("/sys/devices/system/cpu/online", target.GetProperty("destination").GetString());
    }

    [Fact]
    public void A_path_that_would_break_the_lines_is_refused()
    {
        BindTargets targets = BindTargets.Choose(Roots, "/a\tb", ["proc/stat"], forRuntimes: false);
        Assert.Contains("use --json", Assert.Throws<Failure>(targets.Text).Message, StringComparison.Ordinal);
        Assert.Equal("/a\tb", Parse(targets.Json()).GetProperty("mount").GetString());
    }

    [Theory]
    [InlineData(0, 0, false, true, true, nameof(HealthState.Unserved))]
    [InlineData(7, 0, false, true, true, nameof(HealthState.Served))]
    [InlineData(7, 45, false, true, true, nameof(HealthState.Hangs))]
    [InlineData(7, 45, false, false, true, nameof(HealthState.Starting))] // that was the silence of the one before
    [InlineData(7, 45, true, true, true, nameof(HealthState.Stopped))]
    [InlineData(7, 0, false, true, false, nameof(HealthState.Unmounted))]
    public void A_mount_is_healthy_only_when_all_of_it_is(int pid, int silence, bool isStopped, bool isBegun, bool isMounted, string expected)
        => Assert.Equal(expected, MountHealth.StateOf(new DaemonState(pid, TimeSpan.FromSeconds(silence), null), isStopped, isBegun, isMounted).ToString());

    [Theory]
    [InlineData((int)HealthState.Served, "served", "/m: served by process 7")]
    [InlineData((int)HealthState.Unserved, "unserved", "/m: nobody serves it; start the daemon")]
    [InlineData((int)HealthState.Starting, "starting", "/m: process 7 is about to serve it; ask again")]
    [InlineData((int)HealthState.Stopped, "stopped", "/m: process 7, which serves it, was stopped by a signal; let it go on (kill -CONT 7)")]
    [InlineData((int)HealthState.Hangs, "hangs", "/m: process 7, which serves it, has given no sign of life for 3 s; procfs doctor")]
    [InlineData((int)HealthState.Unmounted, "unmounted", "/m: what process 7 serves is not mounted there; procfs doctor")]
    public void Each_state_has_its_word_and_a_sentence(int state, string word, string sentence)
    {
        MountHealth health = new("/m", (HealthState)state, new DaemonState(7, TimeSpan.FromSeconds(3), null), "1.2.3");
        Assert.StartsWith(sentence, health.Sentence, StringComparison.Ordinal);
        JsonElement json = Parse(health.Json());
        Assert.Equal((word, state == (int)HealthState.Served), (json.GetProperty("state").GetString(), json.GetProperty("served").GetBoolean()));
        Assert.Equal((7, 3, "1.2.3"), (json.GetProperty("server").GetInt32(), json.GetProperty("silenceSeconds").GetInt32(), json.GetProperty("version").GetString()));
        Assert.Equal(health.Sentence, json.GetProperty("text").GetString());
    }

    private static JsonElement Parse(byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetString(json));
        return document.RootElement.Clone();
    }
}
