using ProcFs.Containers;
using ProcFs.Hook.Registration;
using ProcFs.Registration;

namespace ProcFs.Tests;

/// <summary>What is configured for all, what is chosen for one container, and what is switched off: which of them counts, and from when on.</summary>
public sealed class ViewChoiceTests : IDisposable
{
    private const int Init = 10;
    private const int Other = 20;
    private const ulong Ticks = 100000;

    private readonly HostTree _host = HostTree.V2()
        .Cgroup("/c", ("memory.max", "536870912"), ("memory.current", "104857600"), ("memory.stat", "file 0"), ("memory.swap.max", "max"), ("memory.swap.current", "0"),
            ("cpu.max", "200000 100000"), ("cpuset.cpus.effective", "1-3"), ("cpu.stat", "usage_usec 0"))
        .Cgroup("/d", ("memory.max", "536870912"), ("memory.current", "104857600"), ("memory.stat", "file 0"))
        .Process(Init, (long)Ticks, "/c", "pid:[1]", "mnt:[1]", namespacePid: 1)
        .Process(Other, (long)Ticks, "/d", "pid:[2]", "mnt:[2]", namespacePid: 1);

    private readonly Daemonless _daemon;
    private readonly Daemonless.Worker _worker;

    public ViewChoiceTests()
    {
        _daemon = new Daemonless(_host);
        _worker = _daemon.NewWorker();
    }

    public void Dispose()
    {
        _daemon.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void A_fixed_total_takes_the_place_of_the_limit_and_what_is_free_fits_both()
    {
        Choose(("memory", "256m"));
        Assert.Equal((262144, 159744), Memory(Init));
        Choose(("memory", "1g"));
        Assert.Equal((1048576, 421888), Memory(Init));
        Choose(("memory", "500g"));
        Assert.Equal((16384000, 421888), Memory(Init));
        Assert.Equal((524288, 421888), Memory(Other));
    }

    [Fact]
    public void What_is_configured_for_all_counts_from_the_next_read_on()
    {
        Assert.Equal((524288, 421888), Memory(Init));
        _daemon.Settings.Options = _daemon.Settings.Options with { MemoryBytes = 128 << 20, ShowSwap = false };
        Assert.Equal((131072, 28672), Memory(Init));
        Assert.Equal((131072, 28672), Memory(Other));
        Assert.Equal(0, Lines.Meminfo(_worker.ShowTo(Init, "meminfo"), "SwapTotal"));

        Choose(("memory", "limit"), ("swap", "show"));
        Assert.Equal((524288, 421888), Memory(Init));
        Assert.Equal(2097148, Lines.Meminfo(_worker.ShowTo(Init, "meminfo"), "SwapTotal"));
        Assert.Equal((131072, 28672), Memory(Other));
    }

    [Fact]
    public void Cpus_keep_the_hosts_numbers_in_every_file_when_that_is_chosen()
    {
        Assert.Equal("0-1\n", _worker.ShowTo(Init, "cpu/online"));
        Choose(("cpu-numbering", "host"));
        Assert.Equal("1-2\n", _worker.ShowTo(Init, "cpu/online"));
        Assert.Equal("1-2\n", _worker.ShowTo(Init, "cpu/possible"));
        Assert.Equal(["processor\t: 1", "processor\t: 2"], Starting("processor", "cpuinfo"));
        Assert.Equal(["cpu", "cpu1", "cpu2"], Starting("cpu", "stat").Select(line => line.Split(' ')[0]));
        Choose(("cpu-numbering", "host"), ("cpu", "cpuset"));
        Assert.Equal("1-3\n", _worker.ShowTo(Init, "cpu/online"));
        _host.Write("sys/fs/cgroup/c/cpuset.cpus.effective", "0,2-3\n");
        Assert.Equal("0,2-3\n", _worker.ShowTo(Init, "cpu/online"));
        Choose(("cpu-numbering", "virtual"), ("cpu", "all"));
        Assert.Equal("0-3\n", _worker.ShowTo(Init, "cpu/online"));
    }

    [Fact]
    public void The_boot_time_can_be_one_containers_own()
    {
        Assert.Contains("\nbtime 1795193736\n", _worker.ShowTo(Init, "stat"), StringComparison.Ordinal);
        Choose(("btime", "container"));
        Assert.Contains("\nbtime 1795194736\n", _worker.ShowTo(Init, "stat"), StringComparison.Ordinal);
        Assert.Contains("\nbtime 1795193736\n", _worker.ShowTo(Other, "stat"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_off_shows_the_hosts_text()
    {
        string host = File.ReadAllText(_host.Path("proc/meminfo"));
        Register(new RegistryEntry { Id = "c", Pid = Init, StartTime = Ticks, Source = "hook", Off = ["proc/meminfo"] });
        Assert.Equal(host, _worker.ShowTo(Init, "meminfo"));
        Assert.Equal(host, _worker.ShowTo(0, "meminfo", container: 7));
        Assert.Equal("0-1\n", _worker.ShowTo(Init, "cpu/online"));
        Assert.NotEqual(host, _worker.ShowTo(Other, "meminfo"));

        _daemon.Settings.Options = _daemon.Settings.Options with { Off = OffFiles.Of([OffFiles.Every]) };
        Assert.Equal("0-3\n", _worker.ShowTo(Init, "cpu/online"));
        Assert.Equal(File.ReadAllText(_host.Path("proc/cpuinfo")), _worker.ShowTo(Init, "cpuinfo"));
        Assert.Null(_worker.Renderer.FindStill(Files.ProcFiles.Find("cpuinfo")!, 7));

        _daemon.Settings.Options = _daemon.Settings.Options with { Off = OffFiles.None };
        Register(new RegistryEntry { Id = "c", Pid = Init, StartTime = Ticks, Source = "hook" });
        Assert.Equal("0-1\n", _worker.ShowTo(Init, "cpu/online"));
        Assert.Equal((524288, 421888), Memory(Init));
        Assert.NotNull(_worker.Renderer.FindStill(Files.ProcFiles.Find("cpuinfo")!, 7));
    }

    [Fact]
    public void A_choice_ends_with_its_container()
    {
        Choose(("memory", "256m"));
        Assert.Equal((262144, 159744), Memory(Init));
        Assert.True(_daemon.Registered.Remove(_daemon.Registered.Find(7)!));
        Assert.Equal((524288, 421888), Memory(Init));
    }

    [Theory]
    [InlineData("cpu", "few")]
    [InlineData("memory", "1")]
    [InlineData("swap", "yes")]
    [InlineData("btime", "")]
    [InlineData("cpu-numbering", "1")]
    public void What_makes_no_sense_counts_as_not_said(string name, string value)
        => Assert.Equal(new ViewOptions(), ViewChoice.Of(Entry((name, value)))!.Over(new ViewOptions()));

    [Theory]
    [InlineData("proc/meminfo", "proc/meminfo", true)]
    [InlineData("proc/meminfo", "proc/stat", false)]
    [InlineData("*", "proc/stat", true)]
    [InlineData("proc/pressure", "proc/pressure/cpu", true)]
    [InlineData("proc/pressure", "proc/pressurex", false)]
    [InlineData("", "proc/stat", false)]
    public void Off_means_a_file_or_all_below_a_directory_or_everything(string names, string path, bool isOff)
        => Assert.Equal(isOff, OffFiles.Of(names.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Contains(path));

    private static RegistryEntry Entry(params (string Name, string Value)[] view) => new()
    {
        Id = "c",
        Pid = Init,
        StartTime = Ticks,
        Source = "hook",
        View = view.ToDictionary(choice => choice.Name, choice => choice.Value),
    };

    private void Choose(params (string Name, string Value)[] view) => Register(Entry(view));

    private void Register(RegistryEntry entry)
        => _daemon.Registered.Add(new RegisteredContainer(7, new RegistrationKey("c", Init, Ticks), _ => ViewChoice.Of(entry)));

    private (long Total, long Free) Memory(int pid)
    {
        string text = _worker.ShowTo(pid, "meminfo");
        return (Lines.Meminfo(text, "MemTotal"), Lines.Meminfo(text, "MemFree"));
    }

    private IEnumerable<string> Starting(string key, string file)
        => _worker.ShowTo(Init, file).Split('\n').Where(line => line.StartsWith(key, StringComparison.Ordinal) && !line.StartsWith("cpu ", StringComparison.Ordinal) || line.StartsWith("cpu  ", StringComparison.Ordinal) && key == "cpu");
}
