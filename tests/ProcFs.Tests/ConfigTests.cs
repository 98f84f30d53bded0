using Microsoft.Extensions.Logging;
using ProcFs.Configuration;
using ProcFs.Containers;

namespace ProcFs.Tests;

public sealed class ConfigTests
{
    [Fact]
    public void Every_key_is_read()
    {
        ProcFsConfig config = ConfigFile.Parse("""
            {
              // comments and a comma at the end are allowed
              "workers": 2, "openFiles": 100, "keptDescriptors": 500, "threadWalkLimit": 10, "cpuView": "cpuset", "cpuNumbering": "host", "memory": "2g", "btime": "container", "swap": "hide", "releaseSeconds": 0, "logLevel": "debug",
            }
            """, "f");
        Assert.Equal((2, 100, 500, LogLevel.Debug), (config.Workers, config.OpenFiles, config.KeptDescriptors, config.LogLevel));
        Assert.Equal(TimeSpan.Zero, config.ReleaseAfter);
        Assert.Equal((10, new CpuPolicy(CpuPolicyKind.Cpuset, HostNumbers: true), true, false), (config.View.MostThreads, config.View.Cpus, config.View.ContainerBootTime, config.View.ShowSwap));
    }

    [Fact]
    public void A_label_is_one_of_SELinux_or_off()
    {
        ProcFsConfig config = ConfigFile.Parse("""{ "selinuxContext": "system_u:object_r:container_file_t:s0" }""", "f");
        Assert.Equal("system_u:object_r:container_file_t:s0", config.SelinuxContext);
        Assert.Null(ConfigSetting.Apply(config, ["selinuxContext=off"]).SelinuxContext);
    }

    [Theory]
    [InlineData("{ \"selinuxContext\": true }", "\"selinuxContext\" must be \"off\", or a SELinux label, user:role:type or user:role:type:level, as system_u:object_r:container_file_t:s0, not true")]
    [InlineData("{ \"selinuxContext\": \"a:b:c\\\"\" }", "\"selinuxContext\" must be \"off\", or a SELinux label")]
    [InlineData("{ \"worker\": 4 }", "unknown key \"worker\"; known are workers,")]
    [InlineData("{ \"workers\": 0 }", "\"workers\" must be a whole number from 1 to 8, not 0")]
    [InlineData("{ \"workers\": \"4\" }", "\"workers\" must be a whole number from 1 to 8, not \"4\"")]
    [InlineData("{ \"swap\": true }", "\"swap\" must be one of \"show\", \"hide\", not true")]
    [InlineData("{ \"memory\": \"1k\" }", "\"memory\" must be \"limit\", or a number of bytes from 1m up as \"512m\", not \"1k\"")]
    [InlineData("[]", "a JSON object is expected")]
    [InlineData("{\n\"workers\": 4\n\"swap\": 1 }", "f, line 3: this is not JSON")]
    [InlineData("", "f, line 1: this is not JSON")]
    [InlineData("{ \"cpuView\": \"\\ud800\" }", "not valid Unicode")]
    [InlineData("{ \"\\ud800\": 1 }", "not valid Unicode")]
    public void What_is_wrong_is_said_in_one_sentence(string text, string expected)
    {
        Failure failure = Assert.Throws<Failure>(() => ConfigFile.Parse(text, "f"));
        Assert.Equal(ExitCode.WrongUse, failure.Code);
        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public void A_setting_of_the_command_line_counts_before_the_files()
    {
        ProcFsConfig file = ConfigFile.Parse("""{ "cpuView": "cpuset", "workers": 2, "memory": "2g", "swap": "hide" }""", "f");
        ProcFsConfig config = ConfigSetting.Apply(file, ["cpuView=3", "workers=8", "memory=limit", "cpuView=2"]);
        Assert.Equal((new CpuPolicy(CpuPolicyKind.Fixed, 2), 8, null, false), (config.View.Cpus, config.Workers, config.View.MemoryBytes, config.View.ShowSwap));
        Assert.Equal(("--set", "f"), (config.Origins["memory"], config.Origins["swap"]));
    }

    [Theory]
    [InlineData("cpuView", "--set must be KEY=VALUE, as in cpuView=cpuset, not \"cpuView\"")]
    [InlineData("cpus=2", "--set: unknown key \"cpus\"; known are workers,")]
    [InlineData("workers=many", "--set: \"workers\" must be a whole number from 1 to 8, not \"many\"")]
    [InlineData("workers=08", "--set: \"workers\" must be a whole number from 1 to 8, not \"08\"")]
    [InlineData("swap=\"", "--set: \"swap\" must be one of \"show\", \"hide\", not \"\"\"")]
    [InlineData("=", "--set: unknown key \"\"")]
    public void What_is_no_setting_is_said_in_one_sentence(string setting, string expected)
        => Assert.StartsWith(expected, Assert.Throws<Failure>(() => ConfigSetting.Apply(new ProcFsConfig(), [setting])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_named_file_must_be_there()
        => Assert.Equal(ExitCode.WrongUse, Assert.Throws<Failure>(() => ConfigFile.Load("/nonexistent/procfs.json")).Code);

    [Fact]
    public void The_default_file_need_not_be_there()
    {
        Assert.SkipWhen(File.Exists(ConfigFile.DefaultPath), $"this machine has a {ConfigFile.DefaultPath}");
        Assert.Empty(ConfigFile.Load(null).Origins);
    }

    [Fact]
    public void The_documentation_has_exactly_the_keys_of_the_code()
    {
        string page = File.ReadAllText(Path.Combine(Fixtures.Repository, "docs/configuration.md"));
        IEnumerable<string> documented = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal) && (line.Contains("| at start |", StringComparison.Ordinal) || line.Contains("| at once |", StringComparison.Ordinal)))
            .Select(line => line.Split('`')[1]);
        Assert.Equal(ConfigKeys.All.Keys.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_served_file_has_a_page()
    {
        foreach ((_, Files.IProcFile file) in Files.ProcFiles.All)
        {
            string page = file.Path.StartsWith("sys/", StringComparison.Ordinal) ? "sysfs"
                : file.Path.StartsWith("proc/pressure/", StringComparison.Ordinal) ? "pressure"
                : Path.GetFileName(file.Path);
            Assert.True(File.Exists(Path.Combine(Fixtures.Repository, "docs/fields", page + ".md")), $"no docs/fields/{page}.md");
        }
    }
}
