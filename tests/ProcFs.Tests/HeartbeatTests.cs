using ProcFs.Serving;

namespace ProcFs.Tests;

public sealed class HeartbeatTests
{
    [Theory]
    [InlineData(0.002, 0.001)]
    [InlineData(1, 0.5)]
    [InlineData(9.9, 4.95)]
    [InlineData(10, 5)]
    [InlineData(11, 5)]
    [InlineData(60, 5)]
    [InlineData(3600, 5)]
    [InlineData(900_000_000_000, 5)] // nearly what a TimeSpan can hold
    public void Twice_within_the_watchdogs_time_and_every_five_seconds_at_the_least(double watchdog, double interval)
        => Assert.Equal(TimeSpan.FromSeconds(interval), Heartbeat.IntervalFor(TimeSpan.FromSeconds(watchdog)));
}
