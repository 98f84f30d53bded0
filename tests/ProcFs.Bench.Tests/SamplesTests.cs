namespace ProcFs.Bench.Tests;

public sealed class SamplesTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(50, 25)]
    [InlineData(99, 39.7)]
    [InlineData(100, 40)]
    public void A_percentile_lies_between_its_neighbours_in_proportion(double percent, double expected)
    {
        Samples samples = new([40, 10, 30, 20]);

        Assert.Equal(expected, samples.Percentile(percent), 9);
    }

    [Fact]
    public void One_sample_is_every_percentile()
    {
        Samples samples = new([7]);

        Assert.Equal(7, samples.Median);
        Assert.Equal(7, samples.P99);
    }

    [Fact]
    public void What_is_added_later_counts()
    {
        Samples samples = new([1, 2, 3]);
        Assert.Equal(2, samples.Median);

        samples.Add(0);
        samples.AddAll(new Samples([0]));

        Assert.Equal(1, samples.Median);
        Assert.Equal(5, samples.Count);
    }

    [Fact]
    public void Without_samples_there_is_no_ratio()
    {
        Assert.Equal(0, new Samples().Median);
        Assert.Null(Samples.Ratio(new Samples().Median, 5));
        Assert.Null(Samples.Ratio(5, null));
        Assert.Equal(2.5, Samples.Ratio(5, 2));
    }

    [Theory]
    [InlineData(new double[] { 3, 1, 2 }, 2)]
    [InlineData(new double[] { 4, 1, 2, 3 }, 2.5)]
    public void The_middle_of_batches_does_not_follow_a_disturbed_one(double[] batches, double expected) => Assert.Equal(expected, Samples.MedianOf(batches));

    [Fact]
    public void Twice_and_half_cancel_out()
    {
        Assert.Equal(1, Samples.GeometricMean([2, 0.5])!.Value, 9);
        Assert.Null(Samples.GeometricMean([2, null]));
        Assert.Null(Samples.GeometricMean([]));
    }
}
