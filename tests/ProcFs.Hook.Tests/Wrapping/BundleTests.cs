using ProcFs.Hook.Hooking;
using ProcFs.Hook.Output;
using ProcFs.Hook.Settings;
using ProcFs.Hook.Tests.Support;
using ProcFs.Hook.Wrapping;

namespace ProcFs.Hook.Tests.Wrapping;

public sealed class BundleTests : IDisposable
{
    private const string Config = """{"mounts":[{"destination":"/proc","type":"proc"}],"linux":{"namespaces":[{"type":"mount"}]},"annotations":{"x":"y"}}""";

    private readonly TemporaryDirectory _directory = new();

    public BundleTests() => File.WriteAllText(ConfigPath, Config);

    private string ConfigPath => _directory.At("config.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void It_is_replaced_as_a_whole_with_its_mode_and_nothing_is_left_beside_it()
    {
        File.SetUnixFileMode(ConfigPath, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        using FileStream old = File.OpenRead(ConfigPath);
        Assert.Null(Prepare(new RuntimeOptions { IsStrict = true, RunDirectory = "/r" }));
        Assert.Contains("""["procfs","hook","--enable","always","--run-dir","/r","--strict"]""", File.ReadAllText(ConfigPath), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.GroupRead, File.GetUnixFileMode(ConfigPath));
        Assert.Single(Directory.GetFileSystemEntries(_directory.Path));
        Assert.Equal(Config, new StreamReader(old).ReadToEnd()); // who had it open goes on reading the old one
    }

    [Theory]
    [InlineData("\"io.procfs.enable\":\"0\"")]
    [InlineData("\"io.procfs.enable\":\"0\",\"io.procfs.files\":\"stat\"")]
    public void One_that_opts_out_is_not_touched(string annotations)
    {
        string text = Config.Replace("\"x\":\"y\"", annotations, StringComparison.Ordinal);
        File.WriteAllText(ConfigPath, text);
        Assert.Null(Prepare(new RuntimeOptions()));
        Assert.Equal(text, File.ReadAllText(ConfigPath));
    }

    [Fact]
    public void With_enable_annotation_the_configuration_or_the_flag_decides()
    {
        Assert.Null(Prepare(new RuntimeOptions(), new HookSettings(EnableMode.Annotation)));
        Assert.Equal(Config, File.ReadAllText(ConfigPath));
        Assert.Null(Prepare(new RuntimeOptions { Enable = EnableMode.Always }, new HookSettings(EnableMode.Annotation)));
        Assert.NotEqual(Config, File.ReadAllText(ConfigPath));
    }

    [Fact]
    public void A_second_time_changes_nothing()
    {
        Assert.Null(Prepare(new RuntimeOptions()));
        string once = File.ReadAllText(ConfigPath);
        Assert.Null(Prepare(new RuntimeOptions()));
        Assert.Equal(once, File.ReadAllText(ConfigPath));
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        string elsewhere = _directory.At("elsewhere");
        File.Move(ConfigPath, elsewhere);
        File.CreateSymbolicLink(ConfigPath, elsewhere);
        Assert.Contains("symbolic link", Prepare(new RuntimeOptions()), StringComparison.Ordinal);
        Assert.Equal(Config, File.ReadAllText(elsewhere));
    }

    [Fact]
    public void A_missing_or_broken_one_is_a_sentence()
    {
        File.WriteAllText(ConfigPath, "{");
        Assert.Contains("cannot understand", Prepare(new RuntimeOptions()), StringComparison.Ordinal);
        File.Delete(ConfigPath);
        Assert.Contains("No such file", Prepare(new RuntimeOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public void Mounts_without_a_daemon_are_not_added_since_the_container_would_not_start()
    {
        Assert.Contains("no daemon", Prepare(new RuntimeOptions { Mode = WrapMode.Mounts, RunDirectory = _directory.At("run") }), StringComparison.Ordinal);
        Assert.Equal(Config, File.ReadAllText(ConfigPath));
    }

    [Fact]
    public void Mounts_of_files_that_are_not_where_they_should_be_are_not_added()
    {
        using ControlServer server = new(_directory.At("run"), _ => ControlServer.Place(0, "/m", 77, "proc/stat"));
        Assert.Contains("--mount", Prepare(new RuntimeOptions { Mode = WrapMode.Mounts, RunDirectory = _directory.At("run"), Mount = _directory.At("m") }), StringComparison.Ordinal);
        Assert.Equal(Config, File.ReadAllText(ConfigPath));
    }

    private string? Prepare(RuntimeOptions options, HookSettings? settings = null)
        => new Bundle(options, settings ?? new HookSettings(), new HookLog("test", "/nowhere", -1)) { DaemonWithin = 5 * HookRun.Within }.Prepare(_directory.Path, "/usr/bin/procfs");
}
