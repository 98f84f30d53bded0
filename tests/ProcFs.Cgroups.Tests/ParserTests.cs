using System.Text;
using ProcFs.Cgroups.Parsing;
using ProcFs.Text;

namespace ProcFs.Cgroups.Tests;

/// <summary>The pure parsers: tables of short inputs, then every prefix and 100,000 mutations of a text for each.</summary>
public sealed class ParserTests
{
    private static readonly KeyTable Keys = new("file", "file_mapped", "total_rss", "total_rss_huge");

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("0000000000000000000000012", 12L)]
    [InlineData("9223372036854775808", null)]
    [InlineData("18446744073709551615", null)]
    [InlineData("99999999999999999999999999", null)]
    [InlineData("-1", null)]
    [InlineData("+1", null)]
    [InlineData("", null)]
    [InlineData("1 ", null)]
    [InlineData("1x", null)]
    [InlineData("٣", null)]
    public void A_number_fits_or_is_none(string text, long? expected)
    {
        Assert.Equal(expected is not null, NumberText.TryParse(Encoding.UTF8.GetBytes(text), out long value));
        Assert.Equal(expected ?? 0, value);
    }

    [Theory]
    [InlineData("file 1\nfile_mapped 2\n", new long[] { 1, 2, -1, -1 }, 0)]
    [InlineData("file_mapped 2\nfile 1", new long[] { 1, 2, -1, -1 }, 0)]
    [InlineData("total_rss_huge 3\n", new long[] { -1, -1, -1, 3 }, 0)]
    [InlineData("filex 1\n file 2\nfile\nfil 3\n\nfile\t4\n", new long[] { -1, -1, -1, -1 }, 0)]
    [InlineData("file 1\nfile_mapped x\nfile_mapped -2\n", new long[] { 1, -1, -1, -1 }, 2)]
    [InlineData("file 1 2\n", new long[] { -1, -1, -1, -1 }, 1)]
    [InlineData("file 99999999999999999999\n", new long[] { -1, -1, -1, -1 }, 1)]
    [InlineData("", new long[] { -1, -1, -1, -1 }, 0)]
    public void Keys_are_matched_whole(string text, long[] expected, int badLine)
    {
        long[] values = new long[Keys.Count];
        Assert.Equal(badLine == 0, Keys.Parse(Encoding.UTF8.GetBytes(text), values, out int bad));
        Assert.Equal(expected, values);
        Assert.Equal(badLine, bad);
    }

    [Theory]
    [InlineData("2MB", 2097152L)]
    [InlineData("1GB", 1073741824L)]
    [InlineData("64KB", 65536L)]
    [InlineData("16GB", 17179869184)]
    [InlineData("0KB", null)]
    [InlineData("MB", null)]
    [InlineData("2mb", null)]
    [InlineData("2", null)]
    [InlineData("2MB.rsvd", null)]
    [InlineData("-2MB", null)]
    [InlineData("9223372036854775807KB", null)]
    [InlineData("8589934592GB", null)]
    public void A_huge_page_size_is_a_number_and_a_unit(string text, long? expected)
    {
        Assert.Equal(expected is not null, HugePageSizeText.TryParse(Encoding.UTF8.GetBytes(text), out long bytes));
        Assert.Equal(expected ?? 0, bytes);
    }

    [Fact]
    public void Key_value_lines_survive_anything() => Torture("file 1\nfile_mapped 22\ntotal_rss 9223372036854775807\ntotal_rss_huge 0\nother 5\n", 10, text =>
    {
        Span<long> values = stackalloc long[4];
        Keys.Parse(text, values, out int bad);
        return bad >= 0 && values.IndexOfAnyExceptInRange(-1, long.MaxValue) < 0;
    });

    [Fact]
    public void Cpu_max_survives_anything() => Torture("150000 100000\n", 11, text =>
        !CpuMaxText.TryParse(text, out CpuQuota? quota) || quota is null or { QuotaUsec: > 0, PeriodUsec: > 0, CeilingCpus: > 0 });

    [Fact]
    public void Limits_survive_anything() => Torture("9223372036854771712\n", 12, text =>
    {
        _ = LimitText.TryParseV1(text, out long? v1);
        _ = LimitText.TryParseV2(text, out long? v2);
        return v1 is null or (>= 0 and < LimitText.V1NoLimit) && v2 is null or >= 0;
    });

    [Fact]
    public void Io_stat_survives_anything()
    {
        ReusedList<BlockIoDevice> devices = new();
        Torture("8:0 rbytes=1048576 wbytes=2097152 rios=100 wios=50 dbytes=512 dios=1 cost.vrate=1\n259:99 rbytes=9223372036854775807\n253:0 \n", 13, text =>
        {
            devices.Clear();
            IoStatText.Parse(text, devices, out _);
            return AllZeroOrMore(devices);
        });
    }

    [Fact]
    public void Blkio_lines_survive_anything() => Torture("254:0 Read 32\n254:0 Write 34\n254:0 Sync 66\n254:0 Discard 0\n254:0 Total 66\nTotal 66\n", 14, text =>
    {
        bool bad = false;
        ReadOnlySpan<byte> rest = text;
        while (BlkioText.TryReadNext(ref rest, out BlkioLine line, ref bad))
        {
            if (line.Major < 0 || line.Minor < 0 || line.Value < 0)
            {
                return false;
            }
        }

        return rest.IsEmpty;
    });

    [Fact]
    public void Number_lists_survive_anything()
    {
        ReusedList<long> numbers = new();
        Torture("20000000000 10000000000 5000000000 \n", 15, text =>
            NumberListText.TryParse(text, numbers) ? numbers.Items.IndexOfAnyExceptInRange(0, long.MaxValue) < 0 : numbers.Count == 0);
    }

    [Fact]
    public void Huge_page_sizes_survive_anything() => Torture("1024MB", 16, text => !HugePageSizeText.TryParse(text, out long bytes) || bytes > 0);

    private static bool AllZeroOrMore(ReusedList<BlockIoDevice> devices)
    {
        foreach (BlockIoDevice d in devices.Items)
        {
            if ((d.ReadBytes | d.WriteBytes | d.DiscardBytes | d.Reads | d.Writes | d.Discards | (long)d.Major | (long)d.Minor) < 0)
            {
                return false;
            }
        }

        return true;
    }

    private static void Torture(string text, int seed, Func<byte[], bool> holds) => Hostile.Attack([Encoding.UTF8.GetBytes(text)], seed, holds);
}
