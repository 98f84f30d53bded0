using System.Buffers.Binary;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>What a daemon of layout version 1 has left is taken over: no counter of a container starts over in an upgrade.</summary>
public sealed class HistoryUpgradeTests : IDisposable
{
    private const int HeaderSize = 4096;
    private const int CopySize = 320;
    private const int Records = 2;

    private readonly HistoryFolder _folder = new(2) { Boot = "3f0d1b62-55b3-4b0e-9c8a-0f0e4a6c2d11" };
    private readonly byte[] _old = File.ReadAllBytes(Path.Combine(Fixtures.Root, "history/version-1.state"));

    public void Dispose() => _folder.Dispose();

    /// <summary>The container in the fixture.</summary>
    private static HistoryKey Key { get; } = new(30, 150387, 18390620295278973067, 13956337860826861021, 25033320000000, 2626);

    [Fact]
    public void Every_number_of_the_old_file_is_in_the_new_one()
    {
        File.WriteAllBytes(_folder.StateFile, _old);
        using (History history = _folder.Open()!)
        {
            AssertTakenOver(history);
        }

        // The second time it is a file like any other.
        using History next = _folder.Open()!;
        AssertTakenOver(next);
        Assert.Equal([_folder.StateFile], Directory.GetFiles(_folder.Directory));
        Assert.Equal(HistoryFile.Version, BinaryPrimitives.ReadUInt32LittleEndian(File.ReadAllBytes(_folder.StateFile).AsSpan(8)));
    }

    [Fact]
    public void What_an_upgrade_that_was_killed_left_is_in_nobodys_way()
    {
        File.WriteAllBytes(_folder.StateFile, _old);
        File.WriteAllText(_folder.StateFile + ".new", "half");
        using History history = _folder.Open()!;
        AssertTakenOver(history);
        Assert.False(File.Exists(_folder.StateFile + ".new"));
    }

    [Fact]
    public void An_old_record_of_which_one_copy_is_damaged_goes_on_from_the_other()
    {
        Damage(_old, record: 1, copy: 1);
        File.WriteAllBytes(_folder.StateFile, _old);
        using History history = _folder.Open()!;
        Assert.Empty(_folder.Told);
        Assert.Equal(3, history.Claim(Key, null)!.HighestPid);
    }

    [Fact]
    public void An_old_record_that_is_damaged_is_told_and_the_others_are_taken_over()
    {
        Damage(_old, record: 1, copy: 0);
        Damage(_old, record: 1, copy: 1);
        File.WriteAllBytes(_folder.StateFile, _old);
        using History history = _folder.Open()!;
        Assert.StartsWith("CPU times of 1 container(s) start over: ", Assert.Single(_folder.Told), StringComparison.Ordinal);
        Assert.Equal(1, history.Count);
        Assert.True(history.TryFindStart(HistoryKey.Unknown, out _));
    }

    [Fact]
    public void An_old_file_that_was_cut_off_starts_afresh()
    {
        foreach (int length in new[] { HeaderSize, HeaderSize + 1, _old.Length - 1 })
        {
            File.WriteAllBytes(_folder.StateFile, _old[..length]);
            using History history = _folder.Open()!;
            Assert.Contains("truncated: ", Assert.Single(_folder.Told), StringComparison.Ordinal);
            Assert.Equal(0, history.Count);
        }
    }

    private static void Damage(byte[] file, int record, int copy) => file[HeaderSize + (((2 * record) + copy) * CopySize) + 100] ^= 1;

    private void AssertTakenOver(History history)
    {
        Assert.Empty(_folder.Told);
        Assert.Equal(Records, history.Count);
        HistoryRecord record = history.Claim(Key, null)!;
        Assert.Equal((25033320000000, 5, default), (record.StartNs!.Value, record.HighestPid, record.Load));
        Assert.True(record.TryLoad(out LedgerState state, out long[] user, out long[] nice, out long[] system, out long[] idle, out long[] perCpu));
        Assert.Equal((25034361990922, 9086317, 1, 1), (state.AtNs, state.LastUserNs, state.CapacityNumerator, state.CapacityDenominator));
        Assert.Equal([9086317, 0, 0, 1032904605, 1928271, 7158046], [.. user, .. nice, .. system, .. idle, .. perCpu]);
        Assert.Null(history.Claim(HistoryKey.Unknown, 7)!.StartNs);
    }
}
