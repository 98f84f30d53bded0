using System.Runtime.InteropServices;
using ProcFs.Metrics;

namespace ProcFs.Tests;

/// <summary>The file of counters: what is there goes on, and what cannot be believed begins anew.</summary>
public sealed unsafe class StatsFileTests : IDisposable
{
    private static readonly Guid Boot = Guid.Parse("11111111-2222-3333-4444-555555555555");

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-stats-").FullName;

    private string PathOfFile => Path.Combine(_directory, "m.stats");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_new_file_counts_from_zero_and_is_nobody_elses_business()
    {
        using StatsFile file = Open();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PathOfFile));
        Assert.Equal(StatsLayout.Length, new FileInfo(PathOfFile).Length);
        StatsSnapshot counts = Read();
        Assert.All(Enum.GetValues<StatsEvent>(), what => Assert.Equal(0, counts.Of(what)));
        Assert.Equal("", counts.Version);
    }

    [Fact]
    public void What_an_earlier_daemon_has_counted_goes_on()
    {
        using (StatsFile first = Open())
        {
            first.Count(StatsEvent.Started);
            new WorkerStats(first, 3).CountRead(16, 0, ReadOutcome.Made);
        }

        using StatsFile second = Open();
        second.Count(StatsEvent.Started);
        new WorkerStats(second, 0).CountRead(16, 0, ReadOutcome.Made);
        StatsSnapshot counts = Read();
        Assert.Equal(2, counts.Of(StatsEvent.Started));
        Assert.Equal(2, counts.Reads(StatsLayout.FileOf(16), ReadOutcome.Made));
        Assert.Equal(2, counts.Of(StatsEvent.CommonText));
    }

    [Fact]
    public void After_a_boot_counting_begins_anew()
    {
        CountOne();
        using StatsFile file = StatsFile.Open(PathOfFile, Guid.NewGuid(), out string? defect);
        Assert.Null(defect);
        Assert.Equal(0, Read().Of(StatsEvent.Started));
    }

    [Theory]
    [InlineData(0, "not a file of counters")]
    [InlineData(8, "layout version ")]
    [InlineData(12, "bytes instead of ")]
    [InlineData(16, "from before the last boot")]
    public void A_forged_head_is_told_apart_and_counting_begins_anew(int at, string expected)
    {
        CountOne();
        Change(bytes => bytes[at] ^= 0x40);
        Assert.Null(StatsFile.TryOpen(PathOfFile, Boot, out string? defect));
        Assert.Contains(expected, defect!, StringComparison.Ordinal);
        using StatsFile file = Open();
        Assert.Equal(0, Read().Of(StatsEvent.Started));
    }

    [Fact]
    public void A_file_of_another_length_is_not_mapped()
    {
        CountOne();
        byte[] whole = File.ReadAllBytes(PathOfFile);
        foreach (int length in new[] { 0, 1, 4095, 4096, StatsLayout.SlotsAt, whole.Length - 1 })
        {
            File.WriteAllBytes(PathOfFile, whole[..length]);
            Assert.Null(StatsFile.TryOpen(PathOfFile, Boot, out string? defect));
            Assert.NotNull(defect);
            Assert.False(TryRead(out _, out string? unreadable));
            Assert.Contains(PathOfFile, unreadable!, StringComparison.Ordinal);
        }

        File.WriteAllBytes(PathOfFile, [.. whole, 0]);
        Assert.Null(StatsFile.TryOpen(PathOfFile, Boot, out _));
        Assert.False(TryRead(out _, out _));
    }

    [Fact]
    public void Whatever_the_counters_are_they_read_as_numbers_from_zero()
    {
        CountOne();
        Random random = new(7);
        for (int i = 0; i < 50; i++)
        {
            Change(bytes => random.NextBytes(bytes.AsSpan(sizeof(ulong) * 4)));
            Assert.True(TryRead(out StatsSnapshot counts, out _));
            Text.TextBuffer text = new();
            MetricsText.Write(counts, new DaemonState(1, TimeSpan.Zero, null), new MountCounts(1, 2, 3), text);
            // Sums may wrap; what a forged file says is nonsense, but it harms nobody.
            Assert.True(text.Text.StartsWith("# HELP procfs_up "u8));
            _ = counts.Container(7);
        }
    }

    [Fact]
    public void Without_a_file_system_it_counts_in_memory()
    {
        using StatsFile file = StatsFile.Open("/nonexistent/m.stats", Boot, out string? defect);
        Assert.Contains("/nonexistent", defect!, StringComparison.Ordinal);
        file.Count(StatsEvent.Started);
        StatsSnapshot counts = new();
        counts.Load(file.Bytes);
        Assert.Equal(1, counts.Of(StatsEvent.Started));
    }

    [Fact]
    public void A_link_is_not_followed_and_what_it_points_to_is_left_alone()
    {
        string other = Path.Combine(_directory, "other");
        File.WriteAllText(other, "mine");
        File.CreateSymbolicLink(PathOfFile, other);
        using StatsFile file = Open();
        Assert.Equal("mine", File.ReadAllText(other));
        Assert.Null(File.ResolveLinkTarget(PathOfFile, false));
    }

    [Fact]
    public void A_daemon_before_that_has_the_old_file_mapped_does_not_notice_a_new_one()
    {
        using StatsFile old = Open();
        using StatsFile other = StatsFile.Open(PathOfFile, Guid.NewGuid(), out _);
        old.Count(StatsEvent.Started);
        Assert.Equal(0, Read().Of(StatsEvent.Started));
    }

    [Fact]
    public void Several_processes_count_in_the_shared_row_at_once()
    {
        using StatsFile one = Open();
        using StatsFile other = StatsFile.TryOpen(PathOfFile, null, out _)!;
        Parallel.For(0, 20_000, i => (i % 2 == 0 ? one : other).Count(StatsEvent.Attached));
        Assert.Equal(20_000, Read().Of(StatsEvent.Attached));
    }

    [Fact]
    public void The_head_is_as_it_has_always_been()
    {
        Assert.Equal(4096, sizeof(StatsHeader));
        Assert.Equal(64, sizeof(ContainerSlot));
        Assert.Equal((48, 64, 256), ((int)Marshal.OffsetOf<StatsHeader>("Pid"), (int)Marshal.OffsetOf<StatsHeader>("HeartbeatNs"), (int)Marshal.OffsetOf<StatsHeader>("Version")));
        Assert.True(StatsLayout.TimesAt + (StatsLayout.Kinds * StatsLayout.TimesOfKind) <= StatsLayout.RowSize / sizeof(long));
        Assert.True(StatsLayout.Bounds.Length + 1 < StatsLayout.TimesOfKind);
        Assert.All(Enum.GetValues<StatsEvent>(), what => Assert.InRange((int)what, 0, StatsLayout.Events - 1));
        Assert.All(Files.ProcFiles.All, entry => Assert.Equal(entry.Number, StatsLayout.NumberOf(StatsLayout.FileOf(entry.Number))));
        Assert.All(Files.CpuFiles.All, file => Assert.Equal(StatsLayout.CpuFilesRow, StatsLayout.FileOf(file.Number)));
    }

    private StatsFile Open()
    {
        StatsFile file = StatsFile.Open(PathOfFile, Boot, out string? defect);
        Assert.Null(defect);
        return file;
    }

    private void CountOne()
    {
        using StatsFile file = Open();
        file.Count(StatsEvent.Started);
    }

    private void Change(Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(PathOfFile);
        change(bytes);
        File.WriteAllBytes(PathOfFile, bytes);
    }

    private StatsSnapshot Read()
    {
        StatsSnapshot counts = new();
        counts.Load(File.ReadAllBytes(PathOfFile));
        return counts;
    }

    /// <summary>As another program does, on a host without a boot id.</summary>
    private bool TryRead(out StatsSnapshot counts, out string? defect) => StatsReader.TryRead(_directory, "/m", out counts, out defect, procRoot: _directory);
}
