using Microsoft.Extensions.Logging;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Host;
using ProcFs.Registration;
using ProcFs.Serving;

namespace ProcFs.Tests;

/// <summary>Files that change while a daemon serves.</summary>
public sealed class LiveSettingsTests : IDisposable, ILogger
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("procfs-settings-");
    private readonly ViewSettings _settings = new(new ViewOptions(), new RegisteredContainers());
    private readonly List<string> _log = [];

    private string Config => Path.Combine(_directory.FullName, "procfs.json");

    private string Off => OffState.PathOf(_directory.FullName, "/mnt/m");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_changed_file_counts_from_the_next_look_on()
    {
        LiveSettings live = Open();
        Assert.True(_settings.Options.ShowSwap);
        File.WriteAllText(Config, """{ "swap": "hide", "memory": "1g", "cpuView": 2 }""");
        Assert.True(_settings.Options.ShowSwap);
        live.Look();
        Assert.Equal((false, 1L << 30, new CpuPolicy(CpuPolicyKind.Fixed, 2)), (_settings.Options.ShowSwap, _settings.Options.MemoryBytes, _settings.Options.Cpus));
        File.Delete(Config);
        live.Look();
        Assert.True(_settings.Options.ShowSwap);
    }

    [Fact]
    public void One_that_cannot_be_used_changes_nothing_and_is_told_once()
    {
        File.WriteAllText(Config, """{ "swap": "hide" }""");
        LiveSettings live = Open();
        File.WriteAllText(Config, """{ "swap": "hidden" }""");
        live.Look();
        live.Look();
        Assert.False(_settings.Options.ShowSwap);
        Assert.Contains("\"swap\" must be one of \"show\", \"hide\", not \"hidden\"", Assert.Single(_log), StringComparison.Ordinal);
        File.WriteAllText(Config, "{}");
        live.Look();
        Assert.True(_settings.Options.ShowSwap);
    }

    [Fact]
    public void A_change_behind_links_is_seen_as_well()
    {
        // As Kubernetes mounts a ConfigMap: the file is a link into a directory that is a link.
        Directory.CreateDirectory(At("one"));
        Directory.CreateDirectory(At("two"));
        File.WriteAllText(At("one/procfs.json"), "{}");
        File.WriteAllText(At("two/procfs.json"), """{ "swap": "hide" }""");
        Directory.CreateSymbolicLink(At("data"), "one");
        File.CreateSymbolicLink(Config, "data/procfs.json");
        LiveSettings live = Open();
        Directory.CreateSymbolicLink(At("data.new"), "two");
        Directory.Delete(At("data"));
        Directory.Move(At("data.new"), At("data"));
        live.Look();
        Assert.False(_settings.Options.ShowSwap);
    }

    [Fact]
    public void What_was_understood_last_is_kept_for_a_daemon_that_takes_over()
    {
        string kept = LastConfig.PathOf(_directory.FullName, "/mnt/m");
        LiveSettings live = Open();
        Assert.Equal("{}", File.ReadAllText(kept));
        File.WriteAllText(Config, """{ "swap": "hide" }""");
        live.Look();
        File.WriteAllText(Config, """{ "swap": "hi""");
        live.Look();
        Assert.Equal("""{ "swap": "hide" }""", File.ReadAllText(kept));

        // It is of no use where there is no mount to take over.
        Assert.False(LastConfig.IsUsable(_directory.FullName, "/mnt/m", "/proc"));
    }

    [Fact]
    public void What_needs_a_start_is_told()
    {
        LiveSettings live = Open();
        File.WriteAllText(Config, """{ "workers": 2, "openFiles": 100, "swap": "hide" }""");
        live.Look();
        Assert.Contains("workers, openFiles will count from the next start on", _log[0], StringComparison.Ordinal);
        Assert.False(_settings.Options.ShowSwap);
    }

    [Fact]
    public void What_is_switched_off_stays_so_for_the_next_daemon()
    {
        Open().Toggle();
        Assert.True(_settings.Options.Off.Contains("proc/stat"));
        LiveSettings next = Open();
        Assert.True(_settings.Options.Off.Contains("proc/stat"));
        next.Toggle();
        Assert.True(_settings.Options.Off.IsNone);
        Assert.False(File.Exists(Off));
    }

    [Fact]
    public void Single_files_that_are_off_are_all_on_after_a_toggle()
    {
        OffState.Write(Off, OffFiles.Of(["proc/stat"]));
        LiveSettings live = Open();
        Assert.Equal((true, false), (_settings.Options.Off.Contains("proc/stat"), _settings.Options.Off.Contains("proc/meminfo")));
        live.Toggle();
        Assert.True(_settings.Options.Off.IsNone);
    }

    [Fact]
    public void A_state_file_that_nobody_of_us_wrote_has_no_effect_and_is_told()
    {
        File.CreateSymbolicLink(Off, "/etc/passwd");
        Open();
        Assert.True(_settings.Options.Off.IsNone);
        Assert.Contains("is not what procfs off writes", Assert.Single(_log), StringComparison.Ordinal);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _log.Add(formatter(state, exception));

    private LiveSettings Open() => new(
        new DaemonOptions
        {
            ForParent = false,
            IsSupervised = false,
            Mount = "/mnt/m",
            CreateMount = false,
            RunDirectory = _directory.FullName,
            Roots = HostRoots.From("/proc", "/sys/fs/cgroup"),
            Config = Load(),
            ConfigFile = Config,
            LoadConfig = Load,
            RootArguments = [],
        },
        _settings, this);

    private string At(string name) => Path.Combine(_directory.FullName, name);

    private ProcFsConfig Load() => File.Exists(Config) ? ConfigFile.Load(Config) : new ProcFsConfig();
}
