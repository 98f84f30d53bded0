using System.Diagnostics;
using System.Text;
using ProcFs.Hook.Registration;

namespace ProcFs.Hook.Tests.Registration;

public sealed class StartTimeTests
{
    private const string Before = " S 1 4242 4242 0 -1 4194560 100 200 0 0 1 2 3 4 20 0 1 0 ";

    [Theory]
    [InlineData("4242 (sleep)" + Before + "98765 1000 10", 98765)]
    [InlineData("4242 (a) S (b c)" + Before + "5 1", 5)]
    [InlineData("4242 (\n)" + Before + "6\n", 6)]
    public void It_is_field_22_whatever_the_name_is(string stat, ulong expected)
    {
        Assert.True(StartTime.TryParse(Encoding.UTF8.GetBytes(stat), out ulong found));
        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("4242 (sleep")]
    [InlineData("4242 (sleep) S 1 2 3")]
    [InlineData("4242 (sleep)" + Before)]
    [InlineData("4242 (sleep)" + Before + "-1 2")]
    [InlineData("4242 (sleep)" + Before + "99999999999999999999 2")]
    public void Anything_else_has_none(string stat)
    {
        Assert.False(StartTime.TryParse(Encoding.UTF8.GetBytes(stat), out ulong found));
        Assert.Equal(0UL, found);
    }

    [Fact]
    public void Two_reads_of_a_living_process_agree_and_one_that_ended_has_none()
    {
        using Process child = Process.Start("sleep", ["60"]);
        Assert.True(StartTime.TryRead("/proc", child.Id, out ulong first));
        Assert.True(StartTime.TryRead("/proc", child.Id, out ulong second));
        Assert.Equal(first, second);
        Assert.True(StartTime.TryRead("/proc", 1, out ulong init));
        Assert.True(init < first);
        child.Kill();
        child.WaitForExit();
        Assert.False(StartTime.TryRead("/proc", child.Id, out _));
    }
}
