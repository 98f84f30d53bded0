using System.Diagnostics;
using System.Globalization;

namespace ProcFs.Integration.Tests;

// /procfs-test-N
//   bare           one container

/// <summary>A container that cannot be attached, under a daemon that begins again and again: the log has it once a minute.</summary>
public sealed class BrokenContainer(ServedTree tree)
{
    [Fact]
    public void Is_warned_of_once_a_minute_however_often_the_daemon_starts()
    {
        using Site site = new(tree);
        using OciContainer container = tree.Run(new() { IsBare = true });
        string name = $"pid-{container.Pid.ToString(CultureInfo.InvariantCulture)} ";
        using (Daemon first = site.Serve())
        {
            site.Run("attach", container.Pid.ToString(CultureInfo.InvariantCulture)).Ok();
            first.Kill();
        }

        // Its /proc is something else by now: nothing of ours can be put there.
        Child.Run("nsenter", "--target", container.Pid.ToString(CultureInfo.InvariantCulture), "--mount", "--", "mount", "-t", "tmpfs", "none", "/proc").Ok();
        List<string> warnings = [];
        Stopwatch since = Stopwatch.StartNew();
        for (int start = 0; start < 3; start++)
        {
            using Daemon next = site.Serve();
            next.Expect("containers: something attached to", 30);
            next.Expect("procfs attach --all has ended with exit code", 30);
            warnings.AddRange(next.Lines(name));
            next.Kill();
        }

        Assert.InRange(warnings.Count, 1, 1 + (int)since.Elapsed.TotalMinutes); // a machine that is busy takes long for three starts
        using Daemon last = site.Serve();
        // Who says it by hand wants to know.
        Output byHand = site.Run("attach", "--all");
        Assert.NotEqual(0, byHand.ExitCode);
        Assert.Contains(name, byHand.Error, StringComparison.Ordinal);
    }
}
