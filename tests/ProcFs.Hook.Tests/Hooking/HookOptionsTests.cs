using ProcFs.Hook.Hooking;
using ProcFs.Hook.Settings;

namespace ProcFs.Hook.Tests.Hooking;

public sealed class HookOptionsTests
{
    [Fact]
    public void Without_options_the_defaults_count()
    {
        HookOptions options = Parse();
        Assert.Null(options.Defect);
        Assert.Equal((null, false, false, null), (options.Stage, options.IsStrict, options.OnlyLimited, options.Enable));
        Assert.Equal(("/run/procfs", "/proc", "/var/lib/procfs"), (options.RunDirectory, options.ProcRoot, options.Mount));
    }

    [Fact]
    public void All_options_are_understood_with_a_blank_or_an_equals_sign()
    {
        HookOptions options = Parse("--stage", "createContainer", "--strict", "--only-limited", "--enable=annotation", "--files", "meminfo,stat",
            "--cpu=all", "--swap", "hide", "--memory=1g", "--run-dir", "/a/", "--mount=/b", "--proc-root", "/c", "--config", "/d");
        Assert.Null(options.Defect);
        Assert.Equal((HookStage.CreateContainer, true, true, EnableMode.Annotation), (options.Stage, options.IsStrict, options.OnlyLimited, options.Enable));
        Assert.Equal(("/a", "/b", "/c", "/d", "all"), (options.RunDirectory, options.Mount, options.ProcRoot, options.ConfigPath, options.View["cpu"]));
        Assert.Equal(("hide", "1g", 3), (options.View["swap"], options.View["memory"], options.View.Count));
        Assert.Equal(["proc/meminfo", "proc/stat"], options.Files);
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("--run-dir")]
    [InlineData("--run-dir=")]
    [InlineData("--stage", "startContainer")]
    [InlineData("--enable", "never")]
    [InlineData("--files", "../x")]
    [InlineData("--cpu", "few")]
    [InlineData("--btime", "now")]
    [InlineData("--memory", "some")]
    [InlineData("what")]
    public void What_cannot_be_understood_is_named_and_strict_still_counts(params string[] words)
    {
        HookOptions options = Parse(["--strict", .. words]);
        Assert.True(options.IsStrict);
        Assert.NotNull(options.Defect);
        Assert.Contains(words[0].TrimEnd('='), options.Defect, StringComparison.Ordinal);
    }

    [Fact]
    public void Lxc_tells_by_arguments_or_by_environment()
    {
        Dictionary<string, string> environment = new() { ["LXC_PID"] = "4711", ["LXC_NAME"] = "other", ["LXC_HOOK_TYPE"] = "post-stop" };
        HookOptions byArguments = HookOptions.Parse(["lxc", "--run-dir", "/a", "box", "lxc", "start-host"], environment.GetValueOrDefault);
        Assert.Equal(new LxcCall("box", "start-host", 4711), byArguments.Lxc);
        Assert.Equal("/a", byArguments.RunDirectory);
        Assert.Equal(new LxcCall("other", "post-stop", 4711), HookOptions.Parse(["--strict", "lxc"], environment.GetValueOrDefault).Lxc);
    }

    [Fact]
    public void A_container_of_lxc_may_have_the_name_of_an_option()
        => Assert.Equal(new LxcCall("-x", "start-host", 0), HookOptions.Parse(["lxc", "--", "-x", "lxc", "start-host"], _ => null).Lxc);

    private static HookOptions Parse(params string[] words) => HookOptions.Parse(words, _ => null);
}
