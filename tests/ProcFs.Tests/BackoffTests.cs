using ProcFs.Keeping;

namespace ProcFs.Tests;

public sealed class BackoffTests
{
    private readonly Backoff _backoff = new();
    private readonly TestClock _clock = new();

    [Fact]
    public void Each_life_that_is_never_ready_doubles_the_rest_and_a_ready_one_ends_it()
    {
        int[] rests = [.. Enumerable.Range(0, 12).Select(_ => (int)_backoff.AfterBad().TotalMilliseconds)];
        Assert.Equal([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5000, 5000, 5000], rests);
        Assert.Equal(0, Ready());
        Assert.Equal(0, Ready());
        Assert.Equal(10, _backoff.AfterBad().TotalMilliseconds);
        Assert.Equal(20, _backoff.AfterBad().TotalMilliseconds);
    }

    [Fact]
    public void Short_lives_are_followed_by_a_short_rest_however_many_there_are()
        => Assert.All(Enumerable.Range(0, 200), _ => Assert.Equal(10, Ready(isShort: true)));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Kills_at_random_moments_are_never_followed_by_a_long_rest(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 250; i++)
        {
            int lived = random.Next(300);
            _clock.NowNs += lived * TestClock.Second / 1000;
            Assert.InRange(Ready(isShort: lived < 100), 0, 50);
        }
    }

    [Fact]
    public void A_server_that_ends_by_itself_again_and_again_is_restarted_once_a_second_in_the_end()
    {
        const int hours = 3;
        long end = _clock.NowNs + (hours * 3600 * TestClock.Second);
        int lives = 0;
        for (; _clock.NowNs < end; lives++)
        {
            _clock.NowNs += TestClock.Second * 15 / 100;
            double rest = Ready();
            Assert.InRange(rest, 0, 1000);
            _clock.NowNs += (long)(rest * TestClock.Second / 1000);
        }

        Assert.InRange(lives, hours * 3600, (hours * 3600) + 301);

        // Forgiven after a while.
        _clock.NowNs += 60 * TestClock.Second;
        Assert.All(Enumerable.Range(0, 59), _ => Assert.Equal(0, Ready()));
    }

    private double Ready(bool isShort = false) => _backoff.AfterReady(isShort, _clock.NowNs).TotalMilliseconds;
}
