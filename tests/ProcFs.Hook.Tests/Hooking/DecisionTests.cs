using ProcFs.Hook.Hooking;
using ProcFs.Hook.Oci;
using ProcFs.Hook.Settings;

namespace ProcFs.Hook.Tests.Hooking;

public sealed class DecisionTests
{
    private static readonly OciConfig Ordinary = new() { HasOwnMountNamespace = true, HasProc = true };

    [Theory]
    // annotation in the state, in config.json; PROCFS_DISABLE; enable=annotation; --only-limited; a limit → files or a part of the reason
    [InlineData(null, null, false, false, false, false, null)]
    [InlineData("1", null, false, false, false, false, null)]
    [InlineData("0", null, false, false, false, false, "io.procfs.enable")]
    [InlineData("false", null, false, false, false, true, "io.procfs.enable")]
    [InlineData(null, "0", false, false, false, false, "io.procfs.enable")]
    [InlineData("1", "0", false, false, false, false, null)]
    [InlineData("0", "1", false, false, false, false, "io.procfs.enable")]
    [InlineData(null, null, true, false, false, false, "PROCFS_DISABLE")]
    [InlineData("1", null, true, false, false, false, null)]
    [InlineData(null, "true", true, true, true, false, null)]
    [InlineData(null, null, false, true, false, false, "no annotation")]
    [InlineData(null, "1", false, true, false, false, null)]
    [InlineData(null, null, false, false, true, false, "no limit")]
    [InlineData(null, null, false, false, true, true, null)]
    [InlineData(null, null, false, true, true, true, "no annotation")]
    [InlineData("yes", null, false, false, false, false, null)]
    [InlineData("yes", null, false, true, false, false, "no annotation")]
    public void Who_says_what_counts_in_this_order(string? inState, string? inConfig, bool disabled, bool onAnnotation, bool onlyLimited, bool isLimited, string? reason)
    {
        Verdict verdict = Decision.Of(new Wishes(
            Ordinary with { Annotations = Annotations("io.procfs.enable", inConfig), IsDisabledByEnvironment = disabled, IsLimited = isLimited },
            Annotations("io.procfs.enable", inState),
            onAnnotation ? EnableMode.Annotation : EnableMode.Always,
            onlyLimited));
        if (reason is null)
        {
            Assert.Null(verdict.Skip);
        }
        else
        {
            Assert.Contains(reason, verdict.Skip, StringComparison.Ordinal);
        }

        Assert.Equal(inState == "yes" ? 1 : 0, verdict.Remarks.Count);
    }

    [Fact]
    public void Without_a_mount_namespace_of_its_own_nothing_is_attached_whatever_is_said()
        => Assert.Contains("mount namespace", Of(Ordinary with { HasOwnMountNamespace = false }, "io.procfs.enable", "1").Skip, StringComparison.Ordinal);

    [Fact]
    public void Without_a_procfs_nothing_is_attached_whatever_is_said()
        => Assert.Contains("procfs", Of(Ordinary with { HasProc = false }, "io.procfs.enable", "1").Skip, StringComparison.Ordinal);

    [Fact]
    public void The_annotation_chooses_files_before_the_option()
    {
        Verdict verdict = Decision.Of(new Wishes(Ordinary, Annotations("io.procfs.files", "stat"), Files: ["proc/uptime"]));
        Assert.Equal(["proc/stat"], verdict.Files);
    }

    [Fact]
    public void Without_the_annotation_the_option_chooses() => Assert.Equal(["proc/uptime"], Decision.Of(new Wishes(Ordinary, Annotations("x", "y"), Files: ["proc/uptime"])).Files);

    [Fact]
    public void Names_that_cannot_be_are_told_and_the_others_count()
    {
        Verdict verdict = Of(Ordinary, "io.procfs.files", "meminfo,../shadow,stat");
        Assert.Null(verdict.Skip);
        Assert.Equal(["proc/meminfo", "proc/stat"], verdict.Files);
        Assert.Contains("../shadow", Assert.Single(verdict.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void An_annotation_without_any_name_means_none() => Assert.Contains("names no file", Of(Ordinary, "io.procfs.files", " , ").Skip, StringComparison.Ordinal);

    [Theory]
    [InlineData("quota", "quota", 0)]
    [InlineData("cpuset", "cpuset", 0)]
    [InlineData("all", "all", 0)]
    [InlineData("3", "3", 0)]
    [InlineData("0", null, 1)]
    [InlineData("-1", null, 1)]
    [InlineData("9000", null, 1)]
    [InlineData("many", null, 1)]
    [InlineData("", null, 1)]
    public void The_cpu_annotation_is_handed_on_when_it_makes_sense(string value, string? expected, int remarks)
    {
        Verdict verdict = Of(Ordinary, "io.procfs.cpu", value);
        Assert.Equal(expected, verdict.View.GetValueOrDefault("cpu"));
        Assert.Equal(remarks, verdict.Remarks.Count);
    }

    [Theory]
    [InlineData("cpu-numbering", "host", true)]
    [InlineData("cpu-numbering", "virtual", true)]
    [InlineData("cpu-numbering", "1", false)]
    [InlineData("btime", "container", true)]
    [InlineData("btime", "now", false)]
    [InlineData("swap", "hide", true)]
    [InlineData("swap", "off", false)]
    [InlineData("memory", "limit", true)]
    [InlineData("memory", "512m", true)]
    [InlineData("memory", "4g", true)]
    [InlineData("memory", "1048576", true)]
    [InlineData("memory", "1048575", false)]
    [InlineData("memory", "0", false)]
    [InlineData("memory", "-1", false)]
    [InlineData("memory", "99999999999999999999", false)]
    [InlineData("memory", "", false)]
    public void So_are_the_other_choices(string name, string value, bool makesSense)
    {
        Verdict verdict = Of(Ordinary, "io.procfs." + name, value);
        Assert.Equal(makesSense ? value : null, verdict.View.GetValueOrDefault(name));
        Assert.Equal(makesSense ? 0 : 1, verdict.Remarks.Count);
    }

    [Theory]
    [InlineData("meminfo", "proc/meminfo")]
    [InlineData("/proc/meminfo", "proc/meminfo")]
    [InlineData("proc/meminfo, meminfo ,/proc/meminfo", "proc/meminfo")]
    [InlineData("cpu/online", "sys/devices/system/cpu/online")]
    [InlineData("cpu", "sys/devices/system/cpu")]
    [InlineData("/sys/devices/system/cpu/online", "sys/devices/system/cpu/online")]
    [InlineData("pressure/cpu", "proc/pressure/cpu")]
    [InlineData("..", "")]
    [InlineData("proc/../etc/passwd", "")]
    [InlineData("a b", "")]
    [InlineData("/", "")]
    public void Names_of_files_are_completed(string text, string expected) => Assert.Equal(expected, string.Join(',', FileChoice.Parse(text, out _)));

    private static Verdict Of(OciConfig config, string annotation, string value) => Decision.Of(new Wishes(config, Annotations(annotation, value)));

    private static Dictionary<string, string> Annotations(string name, string? value) => value is null ? [] : new() { [name] = value };
}
