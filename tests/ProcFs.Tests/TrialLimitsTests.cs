using ProcFs.Trial;

namespace ProcFs.Tests;

/// <summary>The limits that <c>procfs run</c> takes, at their edges.</summary>
public sealed class TrialLimitsTests
{
    [Fact]
    public void No_option_is_no_limit() => Assert.Equal(new TrialLimits(null, null, null), TrialLimits.Parse(null, null, null));

    [Theory]
    [InlineData("1048576", 1048576L)]
    [InlineData("1024k", 1048576L)]
    [InlineData("1m", 1048576L)]
    [InlineData("50M", 52428800L)]
    [InlineData("1G", 1073741824L)]
    [InlineData("0001m", 1048576L)]
    [InlineData("4611686018427387903", 4611686018427387903L)]
    [InlineData("4294967295g", 4611686017353646080L)]
    public void Memory_is_bytes_or_k_m_g(string text, long bytes) => Assert.Equal(bytes, TrialLimits.Parse(text, null, null).MemoryBytes);

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("0")]
    [InlineData("1048575")]
    [InlineData("1023k")]
    [InlineData("-1m")]
    [InlineData("+1m")]
    [InlineData(" 1m")]
    [InlineData("1m ")]
    [InlineData("1.5g")]
    [InlineData("50mb")]
    [InlineData("1,000,000k")]
    [InlineData("50t")]
    [InlineData("4294967296g")]
    [InlineData("9223372036854775807")]
    [InlineData("18446744073709551616")]
    [InlineData("99999999999999999999g")]
    public void Memory_that_is_no_limit_is_refused(string text) => AssertRefused(() => TrialLimits.Parse(text, null, null), "--memory", text);

    [Theory]
    [InlineData("1", 100_000L)]
    [InlineData("1.5", 150_000L)]
    [InlineData("0.01", 1_000L)]
    [InlineData(".5", 50_000L)]
    [InlineData("2.", 200_000L)]
    [InlineData("0.010009", 1_000L)]
    [InlineData("0.3333333", 33_333L)]
    [InlineData("65535", 6_553_500_000L)]
    public void Cpus_become_a_quota_cut_to_microseconds(string text, long quota) => Assert.Equal(quota, TrialLimits.Parse(null, text, null).QuotaUsec);

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0.00999")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1,5")]
    [InlineData("1e3")]
    [InlineData(" 1")]
    [InlineData("65535.1")]
    [InlineData("NaN")]
    [InlineData("99999999999999999999999999999999999999")]
    public void Cpus_that_are_no_number_are_refused(string text) => AssertRefused(() => TrialLimits.Parse(null, text, null), "--cpus", text);

    [Theory]
    [InlineData("0", "0")]
    [InlineData("3,0-1", "0-1,3")]
    [InlineData("0,0,0", "0")]
    [InlineData("0-65535", "0-65535")]
    public void A_cpuset_is_written_in_order(string text, string expected) => Assert.Equal(expected, TrialLimits.Parse(null, null, text).Cpus);

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("2-1")]
    [InlineData("0,,1")]
    [InlineData("65536")]
    [InlineData("0-4294967295")]
    public void A_cpuset_that_is_no_list_is_refused(string text) => AssertRefused(() => TrialLimits.Parse(null, null, text), "--cpuset", text);

    private static void AssertRefused(Action parse, string option, string text)
    {
        Failure failure = Assert.Throws<Failure>(parse);
        Assert.Equal(ExitCode.WrongUse, failure.Code);
        Assert.StartsWith(option + " must be ", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith($", not \"{text}\"", failure.Message, StringComparison.Ordinal);
    }
}
