using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ProcFs.Hook.Wrapping;

namespace ProcFs.Hook.Tests.Wrapping;

public sealed class ConfigEditTests
{
    private const string Text = """
        {"z":1e400,"ociVersion":"1.0.2","later":{"a":[null,true,{"b":18446744073709551616,"c":1.10}],"é":"\u00fc<>&'"},
         "hooks":{"prestart":[{"path":"/x","args":["x"],"unknown":7}],"createRuntime":[{"path":"/y"}]},
         "mounts":[{"destination":"/proc","type":"proc"}]}
        """;

    [Fact]
    public void The_hook_is_added_behind_those_that_are_there()
    {
        JsonNode config = Edit(Text);
        JsonArray hooks = config["hooks"]!["createRuntime"]!.AsArray();
        Assert.Equal("/y", (string)hooks[0]!["path"]!);
        Assert.Equal("""{"path":"/usr/bin/procfs","args":["procfs","hook"],"timeout":5}""", hooks[1]!.ToJsonString());
        Assert.Equal("/usr/bin/procfs", (string)Assert.Single(config["hooks"]!["poststop"]!.AsArray())!["path"]!);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"hooks":null}""")]
    [InlineData("""{"hooks":{}}""")]
    [InlineData("""{"hooks":{"createRuntime":null,"poststop":[]}}""")]
    public void What_is_missing_is_made(string text)
    {
        JsonNode config = Edit(text);
        Assert.Single(config["hooks"]!["createRuntime"]!.AsArray());
        Assert.Single(config["hooks"]!["poststop"]!.AsArray());
    }

    [Fact]
    public void All_else_is_kept_to_the_last_digit_and_in_order()
    {
        string changed = Encoding.UTF8.GetString(ConfigEdit.AddHooks(Encoding.UTF8.GetBytes(Text), "/p", [])!);
        Assert.Contains("1e400", changed, StringComparison.Ordinal);
        Assert.Contains("18446744073709551616", changed, StringComparison.Ordinal);
        Assert.Contains("1.10", changed, StringComparison.Ordinal);
        JsonObject before = JsonNode.Parse(Text)!.AsObject();
        JsonObject after = JsonNode.Parse(changed)!.AsObject();
        Assert.Equal(before.Select(member => member.Key), after.Select(member => member.Key));
        before.Remove("hooks");
        after.Remove("hooks");
        Assert.True(JsonNode.DeepEquals(before, after));
    }

    [Theory]
    [InlineData("createRuntime")]
    [InlineData("prestart")]
    public void It_is_not_added_twice(string stage)
        => Assert.Null(ConfigEdit.AddHooks(Encoding.UTF8.GetBytes($$$"""{"hooks":{"{{{stage}}}":[null,7,{"path":"/p"}]}}"""), "/p", []));

    [Fact]
    public void The_hook_of_another_copy_of_this_program_is_ours_too()
    {
        byte[] once = ConfigEdit.AddHooks("{}"u8, "/opt/procfs", ["procfs", "hook", "--strict"])!;
        Assert.Null(ConfigEdit.AddHooks(once, "/usr/bin/procfs", ["procfs", "hook"]));
        Assert.NotNull(ConfigEdit.AddHooks("""{"hooks":{"createRuntime":[{"path":"/q","args":["procfs","other"]}]}}"""u8, "/p", ["procfs", "hook"]));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"hooks":7}""")]
    [InlineData("""{"hooks":{"createRuntime":{}}}""")]
    [InlineData("""{"hooks":{},"hooks":{}}""")]
    [InlineData("""{"hooks":{"poststop":[],"poststop":[]}}""")]
    [InlineData("""{"hooks":{"prestart":[{"path":"/a","path":"/b"}]}}""")]
    public void What_is_not_as_it_should_be_is_left_alone(string text)
        => Assert.ThrowsAny<JsonException>(() => ConfigEdit.AddHooks(Encoding.UTF8.GetBytes(text), "/p", []));

    [Fact]
    public void Deep_nesting_is_refused() => Assert.ThrowsAny<JsonException>(() => ConfigEdit.AddHooks(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 100_000)), "/p", []));

    [Fact]
    public void Mounts_are_added_behind_proc_with_all_flags()
    {
        JsonArray mounts = JsonNode.Parse(ConfigEdit.AddMounts(Encoding.UTF8.GetBytes(Text), "/m", ["proc/stat"]))!["mounts"]!.AsArray();
        Assert.Equal(2, mounts.Count);
        Assert.Equal("""{"destination":"/proc/stat","type":"bind","source":"/m/proc/stat","options":["bind","ro","nosuid","nodev","noexec"]}""", mounts[1]!.ToJsonString());
    }

    private static JsonNode Edit(string text) => JsonNode.Parse(ConfigEdit.AddHooks(Encoding.UTF8.GetBytes(text), "/usr/bin/procfs", ["procfs", "hook"])!)!;
}
