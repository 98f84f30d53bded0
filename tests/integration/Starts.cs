using System.Globalization;
using Mono.Unix.Native;

namespace ProcFs.Integration.Tests;

/// <summary>Starts that compete, or have too little to work with.</summary>
[Trait("run", "long")]
public sealed class Starts(ServedTree tree)
{
    [Fact]
    public void Of_two_at_once_one_serves_and_the_other_names_it()
    {
        using Site site = new(tree);
        for (int round = 0; round < Pace.Count(10); round++)
        {
            using Running one = Child.Start(site.ServeCommand), two = Child.Start(site.ServeCommand);
            Assert.True(Pace.Until(15, () => one.Process.HasExited || two.Process.HasExited), "both serve, or none has decided");
            (Running loser, Running winner) = one.Process.HasExited ? (one, two) : (two, one);

            Output lost = loser.Finish(Pace.Limit(5));
            Assert.True(lost.ExitCode == 1, lost.Error);
            Assert.Contains(winner.Process.Id.ToString(CultureInfo.InvariantCulture), Assert.Single(ProcText.Lines(lost.Error)), StringComparison.Ordinal);
            Assert.True(Pace.Until(15, () => FuseMounts.On(site.Mount).Count == 1));
            site.AssertServed();
            _ = Syscall.kill(winner.Process.Id, Signum.SIGTERM);
            Assert.Equal(0, winner.Finish(Pace.Limit(10)).ExitCode);
            Assert.Empty(FuseMounts.On(site.Mount));
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(300)]
    public void With_few_descriptors_it_serves_or_says_in_a_sentence_why_not(int descriptors)
    {
        using Site site = new(tree);
        using Daemon server = Daemon.Begin(null, ["sh", "-c", $"ulimit -n {descriptors}; exec \"$@\"", "sh", .. site.ServeCommand]);
        Assert.True(Pace.Until(15, () => server.HasExited || server.Lives > 0), server.Log);

        if (server.HasExited)
        {
            Assert.InRange(server.WaitForExit(), 1, 3);
            server.Expect("procfs: "); // the last line may still be in the pipe
            Assert.Single(ProcText.Lines(server.Log), l => l.StartsWith("procfs: ", StringComparison.Ordinal));
            Assert.Empty(FuseMounts.On(site.Mount));
            return;
        }

        // Many at once: each has an answer, whatever the server lacks.
        Child.Run("sh", "-c", "for i in $(seq 40); do cat $1/proc/stat $1/proc/meminfo >/dev/null & all=\"$all $!\"; done; for pid in $all; do wait $pid || exit 1; done", "sh", site.Mount).Ok();
        site.AssertServed();
        server.Signal(Signum.SIGTERM);
        Assert.Equal(0, server.WaitForExit());
        Assert.Empty(FuseMounts.On(site.Mount));
    }
}
