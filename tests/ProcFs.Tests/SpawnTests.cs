using ProcFs.Interop;

namespace ProcFs.Tests;

public sealed class SpawnTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Descriptors_become_3_and_4_whatever_they_were(bool isSwapped)
    {
        int one = Descriptors.File("");
        int two = Descriptors.File("");
        (int first, int second) = isSwapped ? (two, one) : (one, two);
        Assert.Equal(0, Run("/bin/sh", ["sh", "-c", "printf first >&3; printf second >&4; [ ! -e /proc/self/fd/$OTHER ] || exit 9"], [$"OTHER={Math.Max(one, two)}"], [first, second]).ExitCode);
        Assert.Equal(("first", "second"), (Descriptors.Text(first), Descriptors.Text(second)));
        Assert.Equal((0, 0), (Libc.Close(one), Libc.Close(two)));
    }

    [Fact]
    public void One_may_be_passed_twice()
    {
        int one = Descriptors.File("");
        int two = Descriptors.File("");
        Assert.Equal(0, Run("/bin/sh", ["sh", "-c", "printf a >&3; printf b >&4; printf c >&5"], [], [two, one, two]).ExitCode);
        Assert.Equal(("b", "ac"), (Descriptors.Text(one), Descriptors.Text(two)));
        Assert.Equal((0, 0), (Libc.Close(one), Libc.Close(two)));
    }

    /// <summary>What becomes 3 here is 4, and the other way round: this process has both taken, so a shell makes the places free.</summary>
    [Fact]
    public void Even_when_each_sits_where_the_other_has_to_go()
    {
        int one = Descriptors.File("");
        int two = Descriptors.File("");
        int above = Math.Max(one, two) + 1500; // where nobody else in this process is: others pass by fixed numbers from Descriptors.Far on
        Descriptors.PassAs(one, above);
        Descriptors.PassAs(two, above + 1);
        Assert.Equal(0, Run("/bin/sh", ["sh", "-c", "printf a >&3; printf b >&4"], [], [above + 1, above]).ExitCode);
        Assert.Equal(("b", "a"), (Descriptors.Text(one), Descriptors.Text(two)));
        Assert.Equal((0, 0, 0, 0), (Libc.Close(one), Libc.Close(two), Libc.Close(above), Libc.Close(above + 1)));
    }

    [Fact]
    public void Arguments_and_environment_are_exactly_the_given_ones()
    {
        int output = Descriptors.File("");
        Assert.Equal(0, Run("/bin/sh", ["name", "-c", "printf '%s|%s|%s' \"$0\" \"$1\" \"$ä\" >&3; env >&3", "zero", "o n e"], ["A=1", "B=zwei drei"], [output]).ExitCode);
        string text = Descriptors.Text(output)!;
        Assert.StartsWith("zero|o n e|", text, StringComparison.Ordinal);
        Assert.Contains("A=1\n", text, StringComparison.Ordinal);
        Assert.Contains("B=zwei drei\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("PATH=/root", text, StringComparison.Ordinal);
        Assert.Equal(0, Libc.Close(output));
    }

    [Fact]
    public void Signals_are_unblocked_and_at_their_default_and_the_group_is_its_own()
    {
        int output = Descriptors.File("");
        Assert.Equal(0, Run("/bin/sh", ["sh", "-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status >&3; cut -d' ' -f1,5 /proc/$$/stat >&3"], [], [output]).ExitCode);
        string[] lines = Descriptors.Text(output)!.Split('\n');
        Assert.Equal("SigBlk:\t0000000000000000", lines[0]);
        const long libraryOwn = 3L << 31; // 32 and 33: glibc's posix_spawn has them ignored until the new program starts its threads
        Assert.Equal(0, Convert.ToInt64(lines[1].Split('\t')[1], 16) & ~libraryOwn);
        Assert.Equal(lines[2].Split(' ')[0], lines[2].Split(' ')[1]);
        Assert.Equal(0, Libc.Close(output));
    }

    [Theory]
    [InlineData("exit 0", 0, 0)]
    [InlineData("exit 77", 77, 0)]
    [InlineData("kill -9 $$", 137, 9)]
    [InlineData("kill -15 $$", 143, 15)]
    public void How_it_ended_is_told(string script, int exitCode, int signal)
    {
        Libc.ChildEnd end = Run("/bin/sh", ["sh", "-c", script], [], []);
        Assert.Equal((exitCode, signal), (end.ExitCode, end.Signal));
    }

    [Fact]
    public void A_program_that_is_not_there_is_an_error()
        => Assert.Equal(Errno.ENOENT, Libc.ErrorOf(Libc.Spawn("/nonexistent/program", ["x"], [], [])));

    private static Libc.ChildEnd Run(string program, string[] arguments, string[] environment, ReadOnlySpan<int> passed)
    {
        int pid = Libc.Spawn(program, arguments, [.. environment, "PATH=/usr/bin:/bin"], passed);
        Assert.True(pid > 0, Libc.Describe(Libc.ErrorOf(pid)));
        Libc.ChildEnd end = default;
        Assert.True(SpinWait.SpinUntil(() => Libc.TakeEnded(pid, out end) == pid, TimeSpan.FromSeconds(20)), "it does not end");
        Assert.Equal(-(int)Errno.ECHILD, Libc.TakeEnded(pid, out _));
        return end;
    }
}
