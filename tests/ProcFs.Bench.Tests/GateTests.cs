namespace ProcFs.Bench.Tests;

public sealed class GateTests
{
    private static readonly GateCheck Time = new("cold", GateCheck.Time, Source.Lxcfs, 1.5);
    private static readonly GateCheck Cpu = new("cold", GateCheck.Cpu, Source.Lxcfs, 1.5);

    [Fact]
    public void A_batch_has_the_mean_of_its_files_ratios()
    {
        Phase[] batch = [Phase("cold", "meminfo", procfs: 10, lxcfs: 20), Phase("cold", "stat", procfs: 10, lxcfs: 80), Phase("repeated", "stat", procfs: 1, lxcfs: 1000)];

        Assert.Equal(4, Time.RatioOf(batch)!.Value, 9);
    }

    [Fact]
    public void Of_cpu_time_it_has_the_sums()
    {
        Phase[] batch = [Phase("cold", "meminfo", procfs: 10, lxcfs: 20), Phase("cold", "stat", procfs: 10, lxcfs: 80)];

        Assert.Equal(5, Cpu.RatioOf(batch)!.Value, 9);
    }

    [Theory]
    [InlineData(new double[] { 2, 2, 0.1, 2, 0.1 }, true)]
    [InlineData(new double[] { 1, 1, 9, 1, 9 }, false)]
    public void It_fails_when_most_batches_are_below_the_floor(double[] batches, bool passes) => Assert.Equal(passes, new GateResult(Time, batches).IsPassed);

    [Fact]
    public void What_was_not_measured_does_not_pass() => Assert.False(new GateResult(Time, []).IsPassed);

    private static Phase Phase(string mode, string file, double procfs, double lxcfs) => new(
        new Setting(mode, file),
        [new Measurement(Source.ProcFs, 1, procfs, 99, 99, procfs, 1), new Measurement(Source.Lxcfs, 1, lxcfs, 99, 99, lxcfs, 1)],
        new Noise(1, 1, new Unrest(0, 0, 0), 0));
}
