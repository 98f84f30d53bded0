using System.Diagnostics;
using System.Text;
using ProcFs.Hook.Registration;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Registration;

public sealed class RegistryFileTests : IDisposable
{
    private static readonly RegistryEntry Whole = new()
    {
        Id = "box",
        Pid = 4711,
        StartTime = ulong.MaxValue / 4,
        Source = "hook",
        Bundle = "/run/bundles/bøx \"1\"",
        Files = ["proc/meminfo", "sys/devices/system/cpu/online"],
        View = new Dictionary<string, string> { ["cpu"] = "cpuset", ["memory"] = "1g" },
        Off = ["proc/stat", "*"],
        IsDetached = true,
    };

    private static readonly Dictionary<string, string> NoView = [];

    private readonly TemporaryDirectory _directory = new();

    private string Run => _directory.At("run");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_written_is_read_again()
    {
        Assert.Null(RegistryFile.Write(Run, Whole));
        RegistryEntry read = Read("box");
        Assert.Equal(Whole.Files, read.Files);
        Assert.Equal(Whole.View, read.View);
        Assert.Equal(Whole.Off, read.Off);
        Assert.Equal(Whole with { Files = null, Off = null, View = NoView }, read with { Files = null, Off = null, View = NoView });
    }

    [Fact]
    public void What_an_entry_leaves_out_is_null_when_it_is_read()
    {
        RegistryEntry bare = new() { Id = "box", Pid = 1, StartTime = 0, Source = "lxc" };
        Assert.Null(RegistryFile.Write(Run, bare));
        Assert.Equal(bare with { View = NoView }, Read("box") with { View = NoView });
        Assert.Empty(Read("box").View);
    }

    [Fact]
    public void A_second_entry_of_the_same_id_takes_the_place_of_the_first_and_leaves_nothing_beside_it()
    {
        Assert.Null(RegistryFile.Write(Run, Whole));
        Assert.Null(RegistryFile.Write(Run, Whole with { Pid = 5 }));
        Assert.Equal(5, Read("box").Pid);
        Assert.Single(Directory.GetFileSystemEntries(RunDirectory.Registry(Run)));
    }

    [Fact]
    public void Nobody_but_its_owner_can_read_it()
    {
        Assert.Null(RegistryFile.Write(Run, Whole));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(RunDirectory.Registry(Run)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(RunDirectory.RegistryFile(Run, "box")));
    }

    [Fact]
    public void An_id_that_leads_elsewhere_stays_in_the_spool()
    {
        Assert.Null(RegistryFile.Write(Run, Whole with { Id = "../../escape" }));
        string file = Assert.Single(RegistryFile.List(Run));
        Assert.Equal(RunDirectory.Registry(Run), Path.GetDirectoryName(file));
        Assert.Equal("../../escape", Read("../../escape").Id);
    }

    [Fact]
    public void What_was_deleted_is_gone_and_deleting_it_again_is_no_error()
    {
        Assert.Null(RegistryFile.Write(Run, Whole));
        Assert.Null(RegistryFile.Delete(Run, "box"));
        Assert.Null(RegistryFile.Delete(Run, "box"));
        Assert.Empty(RegistryFile.List(Run));
        Assert.False(RegistryFile.TryRead(RunDirectory.RegistryFile(Run, "box"), out _, out string defect));
        Assert.Empty(defect);
    }

    [Fact]
    public void A_spool_that_does_not_exist_has_no_files() => Assert.Empty(RegistryFile.List(_directory.At("nowhere")));

    [Fact]
    public void Files_that_are_being_written_are_not_listed()
    {
        Assert.Null(RegistryFile.Write(Run, Whole));
        File.WriteAllText(Path.Combine(RunDirectory.Registry(Run), ".box.12.1"), "{");
        Assert.Single(RegistryFile.List(Run));
    }

    [Fact]
    public void A_spool_that_is_a_link_is_refused()
    {
        Directory.CreateDirectory(Run);
        string target = Directory.CreateDirectory(_directory.At("target")).FullName;
        Directory.CreateSymbolicLink(RunDirectory.Registry(Run), target);
        Assert.Contains("registry", RegistryFile.Write(Run, Whole), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(target));
    }

    [Fact]
    public void An_entry_that_is_a_link_is_not_read()
    {
        string elsewhere = _directory.At("box.json");
        File.WriteAllText(elsewhere, """{"version":1,"id":"box","pid":1,"startTime":1,"source":"hook"}""");
        Directory.CreateDirectory(RunDirectory.Registry(Run));
        File.CreateSymbolicLink(RunDirectory.RegistryFile(Run, "box"), elsewhere);
        Assert.Contains("symbolic link", Defect(RunDirectory.RegistryFile(Run, "box")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_fifo_in_the_spool_makes_nobody_wait()
    {
        string path = _directory.At("box.json");
        using (Process mkfifo = Process.Start("mkfifo", [path]))
        {
            Assert.True(mkfifo.WaitForExit(TimeSpan.FromSeconds(10)));
        }

        Assert.Contains("no regular file", Defect(path), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_under_the_name_of_another_container_is_refused()
        => Assert.Contains("another name", DefectOf("""{"version":1,"id":"other","pid":1,"startTime":1,"source":"hook"}"""), StringComparison.Ordinal);

    [Fact]
    public void Members_that_are_not_known_are_ignored()
    {
        string path = _directory.At("box.json");
        File.WriteAllText(path, """{"later":{"a":[1,{"b":null}]},"version":1,"id":"box","pid":3,"startTime":1,"source":"hook","more":[]}""");
        Assert.True(RegistryFile.TryRead(path, out RegistryEntry? entry, out string defect), defect);
        Assert.Equal(3, entry!.Pid);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not JSON")]
    [InlineData("{} {}", "not JSON")]
    [InlineData("""{"id":"box","pid":1,"startTime":1,"source":"hook"}""", "version")]
    [InlineData("""{"version":2,"id":"box","pid":1,"startTime":1,"source":"hook"}""", "version 2")]
    [InlineData("""{"version":1,"pid":1,"startTime":1,"source":"hook"}""", "\"id\"")]
    [InlineData("""{"version":1,"id":"box","pid":0,"startTime":1,"source":"hook"}""", "\"pid\"")]
    [InlineData("""{"version":1,"id":"box","pid":4294967297,"startTime":1,"source":"hook"}""", "\"pid\"")]
    [InlineData("""{"version":1,"id":"box","pid":"1","startTime":1,"source":"hook"}""", "\"pid\"")]
    [InlineData("""{"version":1,"id":"box","pid":1,"startTime":-1,"source":"hook"}""", "\"startTime\"")]
    [InlineData("""{"version":1,"id":"box","pid":1,"startTime":1,"source":""}""", "\"source\"")]
    [InlineData("""{"version":1,"id":"box","pid":1,"startTime":1,"source":"hook","bundle":"../x"}""", "\"bundle\"")]
    [InlineData("""{"version":1,"id":"box","pid":1,"startTime":1,"source":"hook","bundle":7}""", "\"bundle\"")]
    [InlineData("""{"version":1,"id":"box","pid":1,"startTime":1,"source":"hook","files":["proc/../x"]}""", "\"files\"")]
    [InlineData("""{"version":1,"id":"box","pid":1,"startTime":1,"source":"hook","files":"proc/stat"}""", "\"files\"")]
    [InlineData("""{"version":1,"id":"box","pid":1,"startTime":1,"source":"hook","detached":1}""", "\"detached\"")]
    [InlineData("""{"version":1,"id":"b\ud800","pid":1,"startTime":1,"source":"hook"}""", "Unicode")]
    public void A_text_that_is_no_entry_is_refused_with_the_reason(string text, string reason)
        => Assert.Contains(reason, DefectOf(text), StringComparison.Ordinal);

    [Fact]
    public void A_text_that_is_not_utf8_is_refused()
        => Assert.NotEmpty(DefectOf([.. "{\"version\":1,\"id\":\""u8, 0xff, 0xfe, .. "\"}"u8]));

    [Fact]
    public void A_text_nested_deep_is_refused() => Assert.Contains("deeper", DefectOf("{\"a\":" + new string('[', 20000)), StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_too_long_is_refused() => Assert.Contains("64 KiB", DefectOf("{\"a\":\"" + new string('x', 65536) + "\"}"), StringComparison.Ordinal);

    [Fact]
    public void An_entry_that_would_be_too_long_is_not_written()
    {
        Assert.Contains("64 KiB", RegistryFile.Write(Run, Whole with { Bundle = "/" + new string('x', 70000) }), StringComparison.Ordinal);
        Assert.Empty(RegistryFile.List(Run));
    }

    private RegistryEntry Read(string id)
    {
        Assert.True(RegistryFile.TryRead(RunDirectory.RegistryFile(Run, id), out RegistryEntry? entry, out string defect), defect);
        return entry!;
    }

    private string DefectOf(string text) => DefectOf(Encoding.UTF8.GetBytes(text));

    private string DefectOf(byte[] text)
    {
        string path = _directory.At("box.json");
        File.WriteAllBytes(path, text);
        return Defect(path);
    }

    private static string Defect(string path)
    {
        Assert.False(RegistryFile.TryRead(path, out RegistryEntry? entry, out string defect));
        Assert.Null(entry);
        Assert.Contains(path, defect, StringComparison.Ordinal);
        return defect;
    }
}
