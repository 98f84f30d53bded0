namespace ProcFs.Cgroups.Tests;

public sealed class CpuSetTests
{
    [Theory]
    [InlineData("0,2-3\n", new[] { 0, 2, 3 }, "0,2-3")]
    [InlineData("0", new[] { 0 }, "0")]
    [InlineData("3,1,2", new[] { 1, 2, 3 }, "1-3")]
    [InlineData("0-2,1-3", new[] { 0, 1, 2, 3 }, "0-3")]
    [InlineData("5-5", new[] { 5 }, "5")]
    [InlineData("63-65,128", new[] { 63, 64, 65, 128 }, "63-65,128")]
    [InlineData("65535", new[] { 65535 }, "65535")]
    [InlineData("", new int[0], "")]
    [InlineData("\n", new int[0], "")]
    public void The_list_format_is_read_and_written(string text, int[] cpus, string formatted)
    {
        Assert.True(CpuSet.TryParse(text, out CpuSet set));
        Assert.Equal(cpus, set.Cpus.ToArray());
        Assert.Equal(cpus.Length, set.Count);
        Assert.Equal(formatted, set.Format());
        Assert.True(CpuSet.TryParse(set.Format(), out CpuSet again));
        Assert.Equal(set, again);
        Assert.Equal(set.GetHashCode(), again.GetHashCode());
    }

    [Theory]
    [InlineData("65536")]
    [InlineData("0-4294967295")]
    [InlineData("0-99999999999999999999")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("-")]
    [InlineData("3-1")]
    [InlineData("1,,2")]
    [InlineData("1,")]
    [InlineData(",1")]
    [InlineData("a")]
    [InlineData("0x1")]
    [InlineData("1 2")]
    [InlineData("1\n2")]
    [InlineData("0-3:1/2")]
    [InlineData("0\0")]
    public void Anything_else_is_no_set(string text)
    {
        Assert.False(CpuSet.TryParse(text, out CpuSet set));
        Assert.Equal(0, set.Count);
    }

    [Fact]
    public void Intersecting_keeps_what_is_in_both_and_the_object_when_nothing_is_lost()
    {
        CpuSet set = Of("0-3,8");
        Assert.Equal("1,8", set.Intersect(Of("1,5-9")).Format());
        Assert.Same(set, set.Intersect(Of("0-15")));
        Assert.Same(CpuSet.Empty, set.Intersect(Of("5")));
        Assert.True(set.Contains(8));
        Assert.False(set.Contains(4));
        Assert.Equal(8, set[4]);
        Assert.Equal("0-3", CpuSet.FirstOf(4).Format());
        Assert.Equal("", CpuSet.FirstOf(-1).Format());
        Assert.Equal(CpuSet.MaxCpu + 1, CpuSet.FirstOf(int.MaxValue).Count);
        Assert.NotEqual(set, CpuSet.Empty);
    }

    [Fact]
    public void Prefixes_and_mutations_give_a_bounded_sorted_set_or_none()
    {
        byte[] text = "0,2-3,8-65535,17\n"u8.ToArray();
        foreach (byte[] bytes in Hostile.PrefixesOf(text).Concat(Hostile.MutationsOf("0,2-3,64-130,17\n"u8.ToArray(), 100_000, seed: 3)))
        {
            _ = CpuSet.TryParse(bytes, out CpuSet set);
            int last = -1;
            foreach (int cpu in set.Cpus)
            {
                if (cpu <= last || cpu > CpuSet.MaxCpu)
                {
                    Assert.Fail(set.Format());
                }

                last = cpu;
            }
        }
    }

    private static CpuSet Of(string text)
    {
        Assert.True(CpuSet.TryParse(text, out CpuSet set));
        return set;
    }
}
