using ProcFs.Registration;

namespace ProcFs.Tests;

/// <summary>Containers that were numbered and have not said that they have their files.</summary>
public sealed class ConfirmationsTests
{
    private const long Second = 1_000_000_000;

    private readonly Confirmations _confirmations = new();

    [Fact]
    public void Nothing_is_due_while_nobody_is_waited_for()
    {
        Assert.Null(_confirmations.NextNs(0));
        Assert.False(_confirmations.IsAttachDue(long.MaxValue / 2));
    }

    [Fact]
    public void One_that_settles_in_time_makes_nothing_due()
    {
        _confirmations.Expect("a", Second);
        Assert.Equal(10 * Second, _confirmations.NextNs(Second));
        _confirmations.Settle("a");
        _confirmations.Settle("never expected");
        Assert.False(_confirmations.IsAttachDue(100 * Second));
        Assert.Null(_confirmations.NextNs(100 * Second));
    }

    [Fact]
    public void One_that_does_not_is_tried_for_after_ten_seconds_and_after_a_minute_and_then_left()
    {
        _confirmations.Expect("a", 0);
        Assert.False(_confirmations.IsAttachDue((10 * Second) - 1));
        Assert.True(_confirmations.IsAttachDue(10 * Second));
        Assert.False(_confirmations.IsAttachDue(11 * Second));
        Assert.Equal(49 * Second, _confirmations.NextNs(11 * Second));
        Assert.True(_confirmations.IsAttachDue(61 * Second));
        Assert.False(_confirmations.IsAttachDue(1000 * Second));
        Assert.Null(_confirmations.NextNs(61 * Second));
    }

    [Fact]
    public void One_that_every_attach_registers_again_and_fails_for_is_not_tried_for_for_ever()
    {
        int attaches = 0;
        _confirmations.Expect("a", 0);
        for (long now = 0; now < 1000 * Second; now += Second)
        {
            if (_confirmations.IsAttachDue(now))
            {
                attaches++;
                _confirmations.Expect("a", now);
            }
        }

        Assert.Equal(2, attaches);
        // Another container under its name is another matter.
        _confirmations.Settle("a");
        _confirmations.Expect("a", 1000 * Second);
        Assert.Equal(10 * Second, _confirmations.NextNs(1000 * Second));
    }

    [Fact]
    public void The_first_that_is_due_decides_how_long_to_wait()
    {
        _confirmations.Expect("a", 0);
        _confirmations.Expect("b", 4 * Second);
        Assert.Equal(5 * Second, _confirmations.NextNs(5 * Second));
        Assert.True(_confirmations.IsAttachDue(12 * Second));
        Assert.Equal(2 * Second, _confirmations.NextNs(12 * Second));
        Assert.Equal(0, _confirmations.NextNs(20 * Second));
    }
}
