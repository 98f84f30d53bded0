using System.Diagnostics;
using System.Globalization;
using ProcFs.Hook.Tests.Support;

namespace ProcFs.Hook.Tests.Hooking;

/// <summary>A daemon that took a question and never answers: who waits for that cannot be killed, so the hook's process must not be who waits.</summary>
public sealed class SilentDaemonTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_hook_ends_in_time_and_nothing_holds_its_output_open()
    {
        Root.IsNeeded();
        using ServedMount mount = new("meminfo");
        using Container container = Container.WithPids();
        using ControlServer server = new(_directory.At("run"), _ => ControlServer.Place(7, mount.Directory, mount.Minor, "proc/uptime", "proc/meminfo", "proc/stat"));
        File.WriteAllText(
            _directory.At("config.json"), """{"root":{"path":"rootfs"},"mounts":[{"destination":"/proc","type":"proc"}],"linux":{"namespaces":[{"type":"mount"}]}}""");
        string state = string.Create(CultureInfo.InvariantCulture, $$"""{"id":"box","pid":{{container.Pid}},"status":"created","bundle":"{{_directory.Path}}"}""");
        ProcessStartInfo start = new(ServedMount.Program, ["patient-hook", "--stage", "poststart", "--run-dir", _directory.At("run")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process hook = Process.Start(start)!;
        try
        {
            hook.StandardInput.Write(state);
            hook.StandardInput.Close();
            string errors = "";
            Thread reading = new(() => errors = hook.StandardError.ReadToEnd()) { IsBackground = true }; // until the last who has it open is gone
            reading.Start();
            Assert.True(hook.WaitForExit(TimeSpan.FromSeconds(40)), "the hook has not ended");
            Assert.Equal(0, hook.ExitCode);
            Assert.True(reading.Join(TimeSpan.FromSeconds(20)), "something holds the hook's standard error open");
            Assert.Contains("time was up", errors, StringComparison.Ordinal);
            Assert.Equal("ours c/7/proc/uptime", container.Read("proc/uptime").TrimEnd()); // what was answered is there
            Assert.StartsWith("MemTotal:", container.Read("proc/meminfo"), StringComparison.Ordinal);
        }
        finally
        {
            Child.Run("sh", "-c", string.Create(CultureInfo.InvariantCulture, $"echo 1 >/sys/fs/fuse/connections/{mount.Minor}/abort"));
            hook.WaitForExit(TimeSpan.FromSeconds(5)); // also one that waited
        }
    }
}
