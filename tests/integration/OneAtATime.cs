using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>Whoever goes through all containers does it alone: a detach does not overlap an attach, which would bring in what nobody serves.</summary>
[Trait("run", "long")]
public sealed class OneAtATime(ServedTree tree)
{
    [Fact]
    public void A_detach_ends_an_attach_that_waits_for_a_daemon_that_stands_still()
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();
        using OciContainer container = tree.Run(new() { Mount = site.Mount });
        server.Signal(Signum.SIGSTOP);
        using Daemon attach = Daemon.Begin(null, [.. site.Command("attach"), "--all"]);
        AwaitLock(site, attach.Pid);

        Child.Run([.. site.Command("detach"), "--all"]).Ok();

        Assert.Equal(128 + 9, attach.WaitForExit());
        Assert.Empty(container.OurFiles);
    }

    [Fact]
    public void An_attach_waits_for_a_detach()
    {
        using Site site = new(tree);
        using Daemon server = site.Serve();
        using OciContainer container = tree.Run(new() { IsBare = true });
        Child.Run([.. site.Command("attach"), $"{container.Pid}"]).Ok();
        using Running other = Child.Start("/usr/bin/python3", "-c",
            "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(600)", LockFile(site));
        AwaitLock(site, other.Process.Id);
        Child.Run("nsenter", "--mount", "--pid", "--target", $"{container.Pid}", "umount", "/proc/meminfo").Ok();
        using Daemon attach = Daemon.Begin(null, [.. site.Command("attach"), "--all"]);
        Thread.Sleep(Pace.Limit(1));
        Assert.False(attach.HasExited, attach.Log);

        other.Process.Kill();

        Assert.Equal(0, attach.WaitForExit());
        Assert.Contains(container.OurFiles, l => l.Contains(" /proc/meminfo ", StringComparison.Ordinal));
    }

    private static string LockFile(Site site) => $"{site.RunDirectory}/containers.lock";

    private static void AwaitLock(Site site, int holder) =>
        Assert.True(Pace.Until(15, () => Processes.OpenFiles(holder).Contains(LockFile(site)) && IsLockedBy(holder)), $"process {holder} does not take {LockFile(site)}");

    // "1: POSIX  ADVISORY  WRITE 4711 00:2e:123 0 EOF"
    private static bool IsLockedBy(int holder) =>
        File.ReadLines("/proc/locks").Any(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, "POSIX", _, "WRITE", string pid, ..] && pid == $"{holder}");
}
