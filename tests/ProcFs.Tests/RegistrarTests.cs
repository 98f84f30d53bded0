using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using ProcFs.Containers;
using ProcFs.Hook;
using ProcFs.Hook.Registration;
using ProcFs.Host;
using ProcFs.Keeping;
using ProcFs.Registration;
using ProcFs.Serving;

namespace ProcFs.Tests;

/// <summary>Who gets a number and who loses it again, with real processes.</summary>
public sealed class RegistrarTests : IDisposable
{
    private static readonly Guid Boot = Guid.NewGuid();

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("procfs-registrar-");
    private readonly ViewService _views = new(HostRoots.From("/proc", "/sys/fs/cgroup"), new ViewOptions(), 64, NullLogger.Instance);
    private readonly PollLoop _loop = new();
    private readonly List<Process> _processes = [];
    private readonly List<string> _settled = [];
    private readonly NumberTable _numbers;
    private readonly Registrar _registrar;

    public RegistrarTests()
    {
        _numbers = Numbers();
        _registrar = new Registrar(_directory.FullName, _views.Callers, _views.Registered, _numbers, _loop, _settled.Add, NullLogger.Instance);
    }

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(30_000);
            process.Dispose();
        }

        _registrar.Dispose();
        _numbers.Dispose();
        _views.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void A_container_gets_a_number_and_keeps_it_when_it_is_registered_again()
    {
        int pid = StartContainer();
        RegisteredContainer first = Register("a", pid, "1");
        RegisteredContainer again = Register("a", pid, "2");
        Assert.Equal(1u, first.Number);
        Assert.Equal(1u, again.Number);
        Assert.Same(again, _views.Registered.Find(1));
        Assert.Equal(2u, Register("b", StartContainer()).Number);
    }

    [Fact]
    public void Its_end_is_noticed_and_nothing_of_it_is_left()
    {
        Register("a", StartContainer());
        _processes[0].Kill(entireProcessTree: true);
        _processes[0].WaitForExit(30_000);
        WaitUntil(() => _views.Registered.Count == 0);
        Assert.Equal(["a"], _settled);
        Assert.Empty(RegistryFile.List(_directory.FullName));
        Assert.Empty(_numbers.Known);
    }

    [Fact]
    public void Two_that_live_under_one_name_have_each_their_number()
    {
        Register("a", StartContainer());
        Assert.Equal(2u, Register("a", StartContainer()).Number);
        Assert.True(_views.Registered.IsKnown(1));
        _registrar.Unregister("a");
        Assert.Equal(2, _views.Registered.Count);

        _processes[0].Kill(entireProcessTree: true);
        _processes[0].WaitForExit(30_000);
        _registrar.Unregister("a");
        WaitUntil(() => !_views.Registered.IsKnown(1));
        Assert.True(_views.Registered.IsKnown(2));
        Assert.Same(_views.Registered.Find(2), _views.Registered.Find("a"));
        Assert.Single(RegistryFile.List(_directory.FullName));
    }

    [Fact]
    public void The_next_one_under_the_same_name_takes_the_place_of_one_that_has_ended()
    {
        Register("a", StartContainer());
        _processes[0].Kill(entireProcessTree: true);
        _processes[0].WaitForExit(30_000);
        Assert.Equal(2u, Register("a", StartContainer()).Number);
        Assert.False(_views.Registered.IsKnown(1));
        _loop.Wait(TimeSpan.FromMilliseconds(100));
        Assert.Single(RegistryFile.List(_directory.FullName));
    }

    [Fact]
    public async Task A_number_has_its_container_at_every_moment_while_it_is_registered_again()
    {
        int pid = StartContainer();
        Register("a", pid);
        using CancellationTokenSource done = new();
        Task<int> missed = Task.Run(() =>
        {
            int missing = 0;
            while (!done.IsCancellationRequested)
            {
                missing += _views.Registered.Find(1) is null ? 1 : 0;
            }

            return missing;
        });
        for (int i = 0; i < 500; i++)
        {
            Assert.True(_registrar.TryRegister("a", out _, out _));
        }

        await done.CancelAsync();
        Assert.Equal(0, await missed);
    }

    [Fact]
    public void A_process_that_is_not_the_one_that_was_meant_is_refused()
    {
        int pid = StartContainer();
        Write("a", pid, StartTimeOf(pid) + 1);
        Refused("a", $"process {pid}, started at tick {StartTimeOf(pid) + 1}, has ended");
    }

    [Fact]
    public void A_process_of_the_host_is_refused()
    {
        int pid = Start("sleep", "600");
        Write("a", pid, StartTimeOf(pid));
        Refused("a", $"process {pid} is in no container: it has the host's mount namespace");
        Assert.Empty(RegistryFile.List(_directory.FullName));
    }

    [Fact]
    public void One_process_is_one_container()
    {
        int pid = StartContainer();
        Register("a", pid);
        Write("b", pid, StartTimeOf(pid));
        Assert.False(_registrar.TryRegister("b", out _, out string? refusal));
        Assert.Equal($"process {pid} is registered already, as container a", refusal);
        Assert.Single(RegistryFile.List(_directory.FullName));
    }

    [Fact]
    public void What_is_not_in_the_registry_or_not_understood_is_refused()
    {
        Refused("a", $"there is no {RunDirectory.RegistryFile(_directory.FullName, "a")}");
        Directory.CreateDirectory(RunDirectory.Registry(_directory.FullName));
        File.WriteAllText(RunDirectory.RegistryFile(_directory.FullName, "a"), "{");
        Assert.False(_registrar.TryRegister("a", out _, out string? refusal));
        Assert.StartsWith(RunDirectory.RegistryFile(_directory.FullName, "a") + " is no registration", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_that_has_ended_is_unregistered_with_its_file_and_one_that_lives_is_not()
    {
        Register("a", StartContainer());
        _registrar.Unregister("a");
        _registrar.Unregister("never there");
        Assert.Equal(1, _views.Registered.Count);
        Assert.Single(RegistryFile.List(_directory.FullName));

        _processes[0].Kill(entireProcessTree: true);
        _processes[0].WaitForExit(30_000);
        _registrar.Unregister("a");
        Assert.Equal(0, _views.Registered.Count);
        Assert.Empty(RegistryFile.List(_directory.FullName));
    }

    [Fact]
    public void The_next_daemon_has_all_of_them_at_once_and_then_forgets_those_that_ended_meanwhile()
    {
        Register("lives", StartContainer());
        Register("ended", StartContainer());
        _registrar.Dispose();
        _numbers.Dispose();
        _processes[1].Kill(entireProcessTree: true);
        _processes[1].WaitForExit(30_000);

        RegisteredContainers containers = new();
        using NumberTable numbers = Numbers();
        using Registrar next = new(_directory.FullName, _views.Callers, containers, numbers, _loop, _ => { }, NullLogger.Instance);
        next.Load();
        Assert.Equal(2, containers.Count);
        next.LookAround();
        Assert.Equal("lives", containers.Find(1)?.Key.Name);
        Assert.Equal(1, containers.Count);
        Assert.Single(RegistryFile.List(_directory.FullName));
        next.LookAround();
        Assert.Equal(1, containers.Count);
    }

    private NumberTable Numbers() => NumberTable.Open(Path.Combine(_directory.FullName, "numbers"), Boot, mayBeInUse: false, 0, out _, out _);

    private RegisteredContainer Register(string name, int pid, string? cpus = null)
    {
        Write(name, pid, StartTimeOf(pid), cpus);
        bool isRegistered = _registrar.TryRegister(name, out RegisteredContainer? container, out string? refusal);
        Assert.True(isRegistered, refusal);
        Assert.Equal((name, pid), (container!.Key.Name, container.Key.Pid));
        return container;
    }

    private void Write(string name, int pid, ulong startTime, string? cpus = null)
        => Assert.Null(RegistryFile.Write(_directory.FullName, new RegistryEntry { Id = name, Pid = pid, StartTime = startTime, Source = "attach", View = cpus is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["cpu"] = cpus } }));

    private void Refused(string name, string why)
    {
        Assert.False(_registrar.TryRegister(name, out RegisteredContainer? container, out string? refusal));
        Assert.Null(container);
        Assert.Equal(why, refusal);
        Assert.Equal(0, _views.Registered.Count);
    }

    /// <summary>A process with a mount namespace of its own: more is not needed to be taken for one.</summary>
    private int StartContainer()
    {
        int pid = Start("unshare", Environment.IsPrivilegedProcess ? "-m" : "-rm", "sleep", "600");
        string ours = Namespace("self");
        long start = Stopwatch.GetTimestamp();
        while (Namespace(pid.ToString()) == ours)
        {
            Assert.SkipWhen(_processes[^1].HasExited, "no mount namespace can be made here: " + (_processes[^1].HasExited ? _processes[^1].StandardError.ReadToEnd().Trim() : ""));
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "unshare does not start");
            Thread.Sleep(5);
        }

        return pid;
    }

    private static string Namespace(string process) => new FileInfo($"/proc/{process}/ns/mnt").LinkTarget ?? "";

    private int Start(string program, params string[] arguments)
    {
        Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardInput = true })!;
        _processes.Add(process);
        return process.Id;
    }

    private static ulong StartTimeOf(int pid)
    {
        Assert.True(StartTime.TryRead("/proc", pid, out ulong startTime));
        return startTime;
    }

    private void WaitUntil(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "waited in vain");
            _loop.Wait(TimeSpan.FromMilliseconds(100));
        }
    }
}
