using System.Diagnostics;
using System.IO.Pipes;
using System.Text;
using ProcFs.Hook.Hooking;
using ProcFs.Hook.Output;
using ProcFs.Hook.Registration;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Hooking;

/// <summary>All of a hook but the attach itself, which needs a container: tests/integration/Hook*.cs have those.</summary>
public sealed class HookRunTests : IDisposable
{
    private const string Config = """{"root":{"path":"rootfs"},"mounts":[{"destination":"/proc","type":"proc"}],"linux":{"namespaces":[{"type":"mount"}]}}""";

    /// <summary>In the place of the hook's own two seconds: this process runs many tests at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();

    public HookRunTests() => File.WriteAllText(_directory.At("config.json"), Config);

    private string Run => _directory.At("run");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Without_a_daemon_the_container_is_registered_for_later()
    {
        HookResult result = Call(State(Environment.ProcessId));
        Assert.True(result.IsFailure);
        Assert.Contains("no daemon listens", result.Sentence, StringComparison.Ordinal);
        Assert.True(RegistryFile.TryRead(RunDirectory.RegistryFile(Run, "box"), out RegistryEntry? entry, out string defect), defect);
        Assert.Equal((Environment.ProcessId, "hook", _directory.Path), (entry!.Pid, entry.Source, entry.Bundle));
        Assert.True(StartTime.TryRead("/proc", Environment.ProcessId, out ulong startTime));
        Assert.Equal(startTime, entry.StartTime);
    }

    [Fact]
    public void What_the_annotations_choose_is_registered()
    {
        Call(State(Environment.ProcessId, """{"io.procfs.files":"stat,meminfo","io.procfs.cpu":"2","io.procfs.memory":"64m"}"""));
        Assert.True(RegistryFile.TryRead(RunDirectory.RegistryFile(Run, "box"), out RegistryEntry? entry, out string defect), defect);
        Assert.Equal(["proc/stat", "proc/meminfo"], entry!.Files);
        Assert.Equal(("2", "64m", 2), (entry.View["cpu"], entry.View["memory"], entry.View.Count));
    }

    [Fact]
    public void What_the_daemon_refuses_is_said()
    {
        using ControlServer server = new(Run, _ => "ERROR no cgroup\n"u8.ToArray());
        Assert.Contains("no cgroup", Call(State(Environment.ProcessId)).Sentence, StringComparison.Ordinal);
        Assert.Equal(["REGISTER box"], server.Requests);
    }

    [Fact]
    public void A_process_in_our_own_mount_namespace_gets_nothing_and_is_not_said_to_be_attached()
    {
        using ControlServer server = new(Run, _ => ControlServer.Place(3, _directory.Path, 99, "proc/stat"));
        HookResult result = Call(State(Environment.ProcessId));
        Assert.True(result.IsFailure);
        Assert.Equal(["REGISTER box"], server.Requests);
    }

    [Fact]
    public void A_process_that_is_gone_is_not_registered()
    {
        using Process child = Process.Start("true");
        child.WaitForExit();
        Assert.Contains("no process", Call(State(child.Id)).Sentence, StringComparison.Ordinal);
        Assert.Empty(RegistryFile.List(Run));
    }

    [Fact]
    public void A_container_that_opts_out_is_not_registered()
    {
        HookResult result = Call(State(Environment.ProcessId, """{"io.procfs.enable":"0"}"""));
        Assert.False(result.IsFailure);
        Assert.Contains("io.procfs.enable", result.Sentence, StringComparison.Ordinal);
        Assert.Empty(RegistryFile.List(Run));
    }

    [Theory]
    [InlineData("""{"id":"box","status":"stopped"}""")]
    [InlineData("""{"id":"box","pid":0,"status":"stopped","bundle":"/nowhere"}""")]
    public void The_end_removes_the_registration_without_a_daemon_too(string state)
    {
        using Process container = Process.Start("sleep", "600");
        try
        {
            Call(State(container.Id));
            Assert.Single(RegistryFile.List(Run));

            // While it lives the entry is that of another one with its id, of another engine or started since.
            Assert.False(Call(state).IsFailure);
            Assert.Single(RegistryFile.List(Run));
        }
        finally
        {
            container.Kill();
            container.WaitForExit(30_000);
        }

        HookResult result = Call(state);
        Assert.False(result.IsFailure, result.Sentence);
        Assert.Empty(RegistryFile.List(Run));
    }

    [Fact]
    public void The_end_is_told_to_the_daemon()
    {
        using ControlServer server = new(Run, _ => "DONE\n"u8.ToArray());
        Assert.False(Call("""{"id":"box","status":"stopped"}""").IsFailure);
        Assert.Equal(["UNREGISTER box"], server.Requests);
    }

    [Fact]
    public void An_id_that_leads_elsewhere_stays_in_the_spool()
    {
        Call(State(Environment.ProcessId).Replace("\"box\"", "\"../../escape\"", StringComparison.Ordinal));
        string file = Assert.Single(RegistryFile.List(Run));
        Assert.Equal(RunDirectory.Registry(Run), Path.GetDirectoryName(file));
    }

    [Theory]
    [InlineData("""{"id":"box","pid":1,"status":"creating","bundle":"/b"}""", "createContainer")]
    [InlineData("""{"id":"box","pid":0,"status":"created","bundle":"/b"}""", "createContainer")]
    public void A_state_without_a_process_of_the_host_does_nothing_and_says_what_to_do(string state, string reason)
    {
        HookResult result = Call(state);
        Assert.False(result.IsFailure);
        Assert.Contains(reason, result.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "no state")]
    [InlineData("{", "no state")]
    [InlineData("""{"id":"box","pid":4711,"status":"creating"}""", "no bundle")]
    [InlineData("""{"id":"box","pid":4711,"status":"creating","bundle":"/nowhere"}""", "/nowhere/config.json")]
    public void A_state_that_is_not_enough_fails_with_the_reason(string state, string reason)
    {
        HookResult result = Call(state);
        Assert.True(result.IsFailure);
        Assert.Contains(reason, result.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bundle_without_a_root_fails_with_the_reason()
    {
        File.WriteAllText(_directory.At("config.json"), Config.Replace("\"path\":\"rootfs\"", "", StringComparison.Ordinal));
        Assert.Contains("root path", Call(State(Environment.ProcessId)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Sixteen_megabytes_of_input_are_taken_refused_and_not_kept()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        Thread writing = new(() =>
        {
            byte[] block = new byte[1 << 20];
            Array.Fill(block, (byte)' ');
            for (int i = 0; i < 16; i++)
            {
                pipe.Write(block);
            }

            pipe.SafePipeHandle.Dispose();
        });
        writing.Start();
        HookResult result = Do(new HookOptions { RunDirectory = Run, Within = Patience }, (int)pipe.ClientSafePipeHandle.DangerousGetHandle());
        Assert.Contains("longer than 1 MiB", result.Sentence, StringComparison.Ordinal);
        Assert.True(writing.Join(TimeSpan.FromSeconds(30)), "the writer was left alone with its text");
    }

    [Fact]
    public void Input_that_never_ends_costs_no_more_than_the_time_for_all()
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        long start = Stopwatch.GetTimestamp();
        HookResult result = Do(new HookOptions { RunDirectory = Run }, (int)pipe.ClientSafePipeHandle.DangerousGetHandle());
        Assert.Contains("in time", result.Sentence, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(20)); // not for ever
    }

    [Fact]
    public void Lxc_registers_at_start_host_and_forgets_at_post_stop()
    {
        using Process container = Process.Start("sleep", "600");
        try
        {
            HookResult result = Do(new HookOptions { RunDirectory = Run, Lxc = new LxcCall("box", "start-host", container.Id), View = new Dictionary<string, string> { ["cpu"] = "all" } }, -1);
            Assert.Contains("no daemon listens", result.Sentence, StringComparison.Ordinal);
            Assert.True(RegistryFile.TryRead(RunDirectory.RegistryFile(Run, "box"), out RegistryEntry? entry, out string defect), defect);
            Assert.Equal(("lxc", null, "all"), (entry!.Source, entry.Bundle, entry.View["cpu"]));
        }
        finally
        {
            container.Kill();
            container.WaitForExit(30_000);
        }

        Do(new HookOptions { RunDirectory = Run, Lxc = new LxcCall("box", "post-stop", 0) }, -1);
        Assert.Empty(RegistryFile.List(Run));
    }

    [Theory]
    [InlineData("box", "mount", "lxc.hook.start-host")]
    [InlineData("box", "start-host", "LXC_PID")]
    [InlineData("", "start-host", "LXC_NAME")]
    public void What_lxc_does_not_tell_is_said(string name, string type, string reason)
    {
        HookResult result = Do(new HookOptions { RunDirectory = Run, Lxc = new LxcCall(name, type, 0) }, -1);
        Assert.True(result.IsFailure);
        Assert.Contains(reason, result.Sentence, StringComparison.Ordinal);
    }

    private string State(int pid, string annotations = "{}")
        => $$"""{"id":"box","pid":{{pid}},"status":"creating","bundle":"{{_directory.Path}}","annotations":{{annotations}}}""";

    private HookResult Call(string state)
    {
        using AnonymousPipeServerStream pipe = new(PipeDirection.Out);
        pipe.Write(Encoding.UTF8.GetBytes(state));
        int input = (int)pipe.ClientSafePipeHandle.DangerousGetHandle();
        pipe.SafePipeHandle.Dispose(); // the reader sees the end of the text
        return Do(new HookOptions { RunDirectory = Run, Within = Patience, DaemonWithin = Patience / 2 }, input);
    }

    private static HookResult Do(HookOptions options, int input) => new HookRun(options, new HookLog("test", "/nowhere", -1)).Run(input);
}
