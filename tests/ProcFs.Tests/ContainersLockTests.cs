using System.Diagnostics;
using ProcFs.Children;
using ProcFs.Interop;

namespace ProcFs.Tests;

public sealed class ContainersLockTests : IDisposable
{
    /// <summary>Takes the lock, says so, and sleeps.</summary>
    private const string Holder = """
        import fcntl, sys, time
        f = open(sys.argv[1], "w")
        fcntl.lockf(f, fcntl.LOCK_EX)
        print("locked", flush=True)
        time.sleep(float(sys.argv[2]))
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-containers-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_free_one_is_taken_at_once()
    {
        using FileDescriptor? file = ContainersLock.Take(_directory, TimeSpan.Zero, endOther: false);
        Assert.NotNull(file);
    }

    [Fact]
    public void An_attach_waits_for_whoever_is_at_work()
    {
        using Process other = Hold(seconds: 0.5);
        using FileDescriptor? file = ContainersLock.Take(_directory, TimeSpan.FromSeconds(20), endOther: false);
        Assert.NotNull(file);
        Assert.True(other.WaitForExit(30_000));
        Assert.Equal(0, other.ExitCode);
    }

    [Fact]
    public void But_not_for_ever()
    {
        using Process other = Hold(seconds: 60);
        Assert.Null(ContainersLock.Take(_directory, TimeSpan.FromMilliseconds(100), endOther: false));
        Assert.False(other.HasExited);
        other.Kill();
    }

    [Fact]
    public void A_detach_ends_an_attach()
    {
        using Process other = Hold(seconds: 60, "attach");
        using FileDescriptor? file = ContainersLock.Take(_directory, TimeSpan.FromSeconds(20), endOther: true);
        Assert.NotNull(file);
        Assert.True(other.WaitForExit(30_000));
        Assert.Equal(137, other.ExitCode);
    }

    [Fact]
    public void But_nobody_else()
    {
        using Process other = Hold(seconds: 60, "detach");
        Assert.Null(ContainersLock.Take(_directory, TimeSpan.FromMilliseconds(100), endOther: true));
        Assert.False(other.HasExited);
        other.Kill();
    }

    [Fact]
    public void Without_a_run_directory_there_is_none() => Assert.Null(ContainersLock.Take($"{_directory}/nowhere", TimeSpan.FromSeconds(20), endOther: true));

    private Process Hold(double seconds, string verb = "attach")
    {
        ProcessStartInfo info = new("/usr/bin/python3", ["-c", Holder, $"{_directory}/containers.lock", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture), verb]) { RedirectStandardOutput = true };
        Assert.SkipUnless(File.Exists(info.FileName), $"needs another process that locks: there is no {info.FileName}");
        Process holder = Process.Start(info)!;
        Assert.Equal("locked", holder.StandardOutput.ReadLine());
        return holder;
    }
}
