using ProcFs.Hook.Settings;
using ProcFs.Hook.Wrapping;

namespace ProcFs.Hook.Tests.Wrapping;

public sealed class RuntimeCallTests
{
    [Theory]
    // docker and containerd's shim
    [InlineData("--root /var/run/docker/runtime-runc/moby --log /run/x/log.json --log-format json create --bundle /run/x --pid-file /run/x/init.pid --console-socket /tmp/p.sock 3f1c", "create", "/run/x")]
    [InlineData("--root /var/run/docker/runtime-runc/moby --log /run/x/log.json --log-format json --systemd-cgroup start 3f1c", "start", ".")]
    [InlineData("--root /r --log /l --log-format json delete --force 3f1c", "delete", ".")]
    [InlineData("--root /r --log /l --log-format json exec --process /tmp/runc-process --detach --pid-file /x 3f1c", "exec", ".")]
    // podman and CRI-O by conmon
    [InlineData("--systemd-cgroup --root=/run/crun create --bundle /var/lib/containers/x/userdata --pid-file /run/x/pidfile 3f1c", "create", "/var/lib/containers/x/userdata")]
    [InlineData("--cgroup-manager cgroupfs --log-level=warning create -b /b --no-pivot 3f1c", "create", "/b")]
    [InlineData("--log-format=json --log=/x create --bundle=/b 3f1c", "create", "/b")]
    [InlineData("--rootless true --criu /usr/sbin/criu restore --image-path /img --bundle /b 3f1c", "restore", "/b")]
    // by hand
    [InlineData("run box", "run", ".")]
    [InlineData("--debug run -bundle /b box", "run", "/b")]
    [InlineData("-root /r run -b=/b box", "run", "/b")]
    [InlineData("run -b/b box", "run", "/b")]
    [InlineData("run --bundle /a --bundle /b box", "run", "/b")]
    [InlineData("run --pid-file /p -- --bundle", "run", ".")]
    [InlineData("run --bundle", "run", ".")]
    [InlineData("--version", "", ".")]
    [InlineData("--root", "", ".")]
    [InlineData("", "", ".")]
    public void Verb_and_bundle_are_found_in_every_engines_form(string line, string verb, string bundle)
    {
        RuntimeCall call = RuntimeCall.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(new RuntimeCall(verb, bundle, false), call);
    }

    [Theory]
    [InlineData("run", true)]
    [InlineData("create", true)]
    [InlineData("restore", true)]
    [InlineData("start", false)]
    [InlineData("exec", false)]
    [InlineData("", false)]
    public void Only_some_verbs_make_a_container(string verb, bool expected) => Assert.Equal(expected, new RuntimeCall(verb, ".", false).MakesContainer);

    [Theory]
    [InlineData("run --config /x.json box", true)]
    [InlineData("run -f /x.json box", true)]
    [InlineData("run box", false)]
    public void Another_configuration_than_the_bundles_is_noticed(string line, bool expected) => Assert.Equal(expected, RuntimeCall.Parse(line.Split(' ')).HasOtherConfig);

    [Fact]
    public void Own_options_come_first_and_the_rest_is_untouched()
    {
        RuntimeOptions options = RuntimeOptions.Parse(
            ["--enable-lxcfs=annotation", "--runtime", "crun", "--mode=mounts", "--strict", "--run-dir", "/r", "--root", "/x", "--runtime", "y", "create", "--strict"], isEnabled: false);
        Assert.Null(options.Defect);
        Assert.Equal((true, EnableMode.Annotation, "crun", WrapMode.Mounts, true, "/r"), (options.IsEnabled, options.Enable, options.Runtime, options.Mode, options.IsStrict, options.RunDirectory));
        Assert.Equal(["--root", "/x", "--runtime", "y", "create", "--strict"], options.Rest);
    }

    [Fact]
    public void Two_hyphens_end_the_own_options() => Assert.Equal(["--strict", "--", "x"], RuntimeOptions.Parse(["--", "--strict", "--", "x"], false).Rest);

    [Fact]
    public void The_bare_flag_means_always() => Assert.Equal(EnableMode.Always, RuntimeOptions.Parse(["--enable-lxcfs"], false).Enable);

    [Fact]
    public void Without_the_flag_it_is_off_unless_the_programs_name_says_otherwise()
    {
        Assert.False(RuntimeOptions.Parse(["run", "x"], isEnabled: false).IsEnabled);
        Assert.True(RuntimeOptions.Parse(["run", "x"], isEnabled: true).IsEnabled);
    }

    [Theory]
    [InlineData("--enable-lxcfs=yes")]
    [InlineData("--mode=binds")]
    [InlineData("--runtime")]
    public void Wrong_values_are_named(string word) => Assert.Contains(word.Split('=')[0], RuntimeOptions.Parse([word], false).Defect, StringComparison.Ordinal);

    [Fact]
    public void Help_under_the_runtimes_name_is_the_runtimes()
    {
        Assert.True(RuntimeOptions.Parse(["--help"], isEnabled: false).WantsHelp);
        Assert.Equal(["--help"], RuntimeOptions.Parse(["--help"], isEnabled: true).Rest);
    }
}
