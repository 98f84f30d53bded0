using System.Text;
using ProcFs.Hook.Settings;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Settings;

public sealed class HookSettingsTests
{
    [Theory]
    [InlineData("{}", EnableMode.Always, null)]
    [InlineData("""{"enable":"annotation"}""", EnableMode.Annotation, null)]
    [InlineData("""{ /* why */ "enable":"always", "runtime":"crun", "workers":4, }""", EnableMode.Always, "crun")]
    public void Its_keys_are_read_and_others_left_to_the_daemon(string text, EnableMode enable, string? runtime)
    {
        HookSettings settings = HookSettings.Parse(Encoding.UTF8.GetBytes(text), out string? defect);
        Assert.Null(defect);
        Assert.Equal(new HookSettings(enable, runtime), settings);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"enable":"never"}""")]
    [InlineData("""{"enable":true}""")]
    [InlineData("""{"runtime":""}""")]
    [InlineData("""{"enable":"annotation" """)]
    public void What_is_wrong_is_said(string text)
    {
        HookSettings.Parse(Encoding.UTF8.GetBytes(text), out string? defect);
        Assert.NotNull(defect);
    }

    [Fact]
    public void A_file_that_was_named_must_be_there()
    {
        using TemporaryDirectory directory = new();
        Assert.Equal(new HookSettings(), HookSettings.Read(directory.At("none.json"), out string? defect));
        Assert.Contains("none.json", defect, StringComparison.Ordinal);
    }
}
