using System.Text.Json;

namespace ProcFs.Bench.Tests;

public sealed class ReportTests
{
    [Fact]
    public void What_the_reader_writes_is_what_is_read()
    {
        byte[] bytes = new byte[4 * ReadReport.RecordSize];
        ReadReport.Write(bytes, 0, 0, 100);
        ReadReport.Write(bytes.AsSpan(8), 1, 3, long.MaxValue);
        ReadReport.Write(bytes.AsSpan(16), ReadReport.Spin, 0, 7);
        ReadReport.Write(bytes.AsSpan(24), 0, 1, 300);

        ReadReport report = ReadReport.Parse(bytes, 2);

        Assert.Equal(200, report.Of(0).Median);
        Assert.Equal(uint.MaxValue, report.Of(1).Median);
        Assert.Equal(7, report.Spins.Median);
    }

    [Fact]
    public void A_report_that_is_cut_off_or_of_other_paths_is_refused()
    {
        byte[] bytes = new byte[ReadReport.RecordSize];
        ReadReport.Write(bytes, 5, 0, 100);

        Assert.Throws<BenchFailure>(() => ReadReport.Parse(bytes.AsSpan(1), 9));
        Assert.Throws<BenchFailure>(() => ReadReport.Parse(bytes, 5));
    }

    [Fact]
    public void A_plan_survives_the_command_line()
    {
        ReadPlan plan = new() { Rounds = 3, Burst = 4, GapMs = 5, Readers = 6, Seconds = 7, IsKept = true, Seed = 8, Paths = ["/proc/stat", "/run/x"] };

        ReadPlan parsed = ReadPlan.Parse(plan.Words());

        Assert.Equal(plan.Words(), parsed.Words());
        Assert.Equal(4 * 4 * 6, parsed.ReadsPerPath);
    }

    [Theory]
    [InlineData("--rounds", "many", "/proc/stat")]
    [InlineData("--speed", "3", "/proc/stat")]
    [InlineData("/proc/stat", "--rounds")]
    [InlineData("--rounds", "3")]
    public void What_is_no_plan_is_refused(params string[] words) => Assert.Throws<BenchFailure>(() => ReadPlan.Parse(words));

    [Fact]
    public void A_table_pads_its_cells_and_leaves_out_empty_columns()
    {
        TextTable table = new("file", "lxcfs", "µs");
        table.Add("stat", null, "5");
        table.Add("meminfo", "", "1234");

        Assert.Equal("| file    |   µs |\n|---------|-----:|\n| stat    |    5 |\n| meminfo | 1234 |\n", table.ToString());
    }

    [Fact]
    public void A_result_as_json_has_all_sources_and_their_ratios()
    {
        Machine machine = new("6.1", "a CPU", 2, "v2", new Dictionary<string, string> { ["procfs"] = "1.0" });
        Phase phase = new(
            new Setting("cold", "stat", 200),
            [new Measurement(Source.ProcFs, 9, 8, 10, 20, 30, 4), new Measurement(Source.Lxcfs, 9, 19, 25, 60, 120, 4), new Measurement(Source.Kernel, 9, 4, 5, 6, null, null)],
            new Noise(1, 1.5, new Unrest(0.5, 3, 1), 2));
        RunResult result = new(machine, DateTime.UnixEpoch, [phase], [new RequestCount("stat", "procfs", new Dictionary<string, double> { ["READ"] = 2 })], "counting", []);

        using JsonDocument json = JsonDocument.Parse(RunJson.Write(result));

        JsonElement read = json.RootElement.GetProperty("phases")[0];
        Assert.Equal(2.5, read.GetProperty("ratios").GetProperty("lxcfs/procfs").GetDouble());
        Assert.Equal(4, read.GetProperty("ratios").GetProperty("lxcfs/procfs cpu").GetDouble());
        Assert.Equal(JsonValueKind.Null, read.GetProperty("ratios").GetProperty("procfs/floor").ValueKind);
        Assert.Equal(JsonValueKind.Null, read.GetProperty("sources").GetProperty("kernel").GetProperty("serverCpuUs").ValueKind);
        Assert.Equal(2, json.RootElement.GetProperty("requests")[0].GetProperty("perCycle").GetProperty("READ").GetDouble());
        Assert.Equal("6.1", json.RootElement.GetProperty("machine").GetProperty("kernel").GetString());
        Assert.Contains("| cold |", RunReport.Write(result), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""4711  read(7, "\x38\x00\x00\x00\x0e\x00\x00\x00"..., 8192) = 56""", 14)]
    [InlineData("""4711  <... read resumed>"\x50\x00\x00\x00\x0f\x00\x00\x00"..., 8192) = 80""", 15)]
    [InlineData("""4711  readv(7, [{iov_base="\x30\x00\x00\x00\x03\x00\x00\x00"..., iov_len=8192}], 1) = 48""", 3)]
    [InlineData("""4711  read(9, "\x4d\x65\x6d\x54\x6f\x74\x61\x6c"..., 4096) = 1400""", null)]
    [InlineData("""4711  read(7, 0x7f, 8192) = -1 ENOENT (No such file or directory)""", null)]
    [InlineData("""4711  read(7,  <unfinished ...>""", null)]
    public void A_request_is_known_in_what_strace_writes(string line, int? opcode) => Assert.Equal(opcode, DeviceReads.OpcodeOf(line));
}
