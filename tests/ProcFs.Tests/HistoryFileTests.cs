using System.Diagnostics;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>A state file that is another one's, damaged or impossible: the daemon starts afresh and says so, once and in one line.</summary>
public sealed unsafe class HistoryFileTests : IDisposable
{
    private const int HeaderSize = 4096;

    private readonly HistoryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_is_nothing_to_talk_about_and_nobody_elses_business()
    {
        using History history = _folder.Open()!;
        Assert.Empty(_folder.Told);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder.StateFile));
        Assert.Equal(HeaderSize, new FileInfo(_folder.StateFile).Length);
        history.Claim(Key, 1);
        Assert.InRange(new FileInfo(_folder.StateFile).Length, HeaderSize + 100, HeaderSize + 4096);
    }

    [Fact]
    public void After_a_boot_everything_starts_afresh()
    {
        WriteOne();
        _folder.Boot = Guid.NewGuid().ToString();
        AssertAfresh("from before the last boot");
    }

    [Fact]
    public void With_other_CPUs_everything_starts_afresh()
    {
        WriteOne();
        _folder.Cpus = 4;
        AssertAfresh("made for 8 CPUs, this host has 4");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no boot id")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public void Without_a_boot_id_nothing_is_kept(string id)
    {
        _folder.Boot = id;
        Assert.Null(_folder.Open());
        Assert.EndsWith("does not tell the boot id", Assert.Single(_folder.Told), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.StateFile));
    }

    [Fact]
    public void A_layout_that_is_not_ours_starts_afresh()
    {
        WriteOne();
        Change(bytes => bytes[8] = 7);
        AssertAfresh("layout version 7, this program knows 1 and 2");
    }

    [Fact]
    public void A_file_that_was_cut_off_starts_afresh()
    {
        WriteOne();
        byte[] whole = File.ReadAllBytes(_folder.StateFile);
        foreach (int length in new[] { 0, 1, 39, 40, 4095, 4096, 4097, whole.Length - 1 })
        {
            File.WriteAllBytes(_folder.StateFile, whole[..length]);
            AssertAfresh("truncated: " + length);
        }
    }

    [Fact]
    public void Rubbish_starts_afresh()
    {
        Random random = new(1);
        for (int i = 0; i < 100; i++)
        {
            byte[] rubbish = new byte[random.Next(HeaderSize, 100_000)];
            random.NextBytes(rubbish);
            File.WriteAllBytes(_folder.StateFile, rubbish);
            AssertAfresh("not a state file");
        }
    }

    [Fact]
    public void Every_bit_of_the_header_counts_and_none_of_them_is_trusted()
    {
        WriteOne();
        byte[] whole = File.ReadAllBytes(_folder.StateFile);
        for (int bit = 0; bit < 40 * 8; bit++)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(_folder.StateFile, changed);
            using History history = _folder.Open()!;
            // Fewer records than there are (of one: none) cannot be told from a file in which there never were more.
            Assert.Equal(bit == 20 * 8 ? 0 : 1, _folder.Told.Count);
            Assert.Equal(0, history.Count);
            Assert.NotNull(history.Claim(Key, 5));
        }
    }

    [Fact]
    public void A_bit_that_changed_in_a_record_never_makes_a_number_that_was_not_there()
    {
        List<(long AtNs, long Sum)> saved = WriteOne();
        byte[] whole = File.ReadAllBytes(_folder.StateFile);
        HashSet<long> found = [];
        int afresh = 0;
        for (int bit = HeaderSize * 8; bit < whole.Length * 8; bit += 3)
        {
            byte[] changed = [.. whole];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(_folder.StateFile, changed);
            using History history = _folder.Open()!;
            HistoryRecord record = history.Claim(Key, 5)!;
            if (record.TryLoad(out LedgerState state, out long[] user, out _, out long[] system, out long[] idle, out _))
            {
                Assert.Contains((state.AtNs, user.Sum() + system.Sum() + idle.Sum()), saved);
                found.Add(state.AtNs);
            }
            else
            {
                afresh++;
            }
        }

        Assert.Equal(saved[^2..].Select(entry => entry.AtNs), found.Order());
        Assert.Equal(0, afresh);
    }

    [Fact]
    public void Records_of_rubbish_are_told_and_their_places_used_again()
    {
        WriteOne();
        int length = (int)new FileInfo(_folder.StateFile).Length;
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            Change(bytes => random.NextBytes(bytes.AsSpan(HeaderSize)));
            using History history = _folder.Open()!;
            Assert.StartsWith("CPU times of 1 container(s) start over: ", Assert.Single(_folder.Told), StringComparison.Ordinal);
            Assert.Equal(0, history.Count);
            Assert.Equal(7, history.Claim(Key, 7)!.StartNs);
            Assert.Equal(length, new FileInfo(_folder.StateFile).Length);
        }
    }

    [Theory]
    [InlineData("negative time")]
    [InlineData("no denominator")]
    [InlineData("from the future")]
    [InlineData("more nice than user")]
    [InlineData("negative number")]
    public void A_whole_record_that_no_ledger_has_written_has_none(string what)
    {
        using (History history = _folder.Open()!)
        {
            LedgerState state = new() { AtNs = 1000, HasUsage = 1, CapacityNumerator = 1, CapacityDenominator = 1 };
            long[] user = [5, 5];
            long[] nice = [1, 1];
            switch (what)
            {
                case "negative time":
                    state.CarriedUserNs = -1;
                    break;
                case "no denominator":
                    state.CapacityDenominator = 0;
                    break;
                case "from the future":
                    state.AtNs = _folder.Clock.NowNs + (2 * TestClock.Second);
                    break;
                case "more nice than user":
                    nice[1] = 6;
                    break;
                default:
                    user[0] = -5;
                    nice[0] = -6;
                    break;
            }

            HistoryRecord record = history.Claim(Key, 9)!;
            record.SaveHighestPid(44);
            record.Save(state, user, nice, user, user, []);
        }

        using History next = _folder.Open()!;
        HistoryRecord found = next.Claim(Key, 5)!;
        Assert.False(found.TryLoad(out _, out _, out _, out _, out _, out _));
        Assert.Equal((9L, 44), (found.StartNs!.Value, found.HighestPid));
    }

    [Fact]
    public void More_CPUs_than_there_can_be_are_told_and_not_kept()
    {
        using History history = _folder.Open()!;
        HistoryRecord record = history.Claim(Key, 1)!;
        record.Save(default, new long[8], new long[8], new long[8], new long[8], new long[8]);
        Assert.Empty(_folder.Told);
        record.Save(default, new long[9], new long[9], new long[9], new long[9], []);
        record.Save(default, new long[8], new long[8], new long[8], new long[8], new long[8]);
        Assert.Contains("more CPUs than the host said", Assert.Single(_folder.Told), StringComparison.Ordinal);
        history.Dispose();
        using History next = _folder.Open()!;
        Assert.Equal(0, next.Count);
    }

    /// <summary>
    /// Whatever part of a copy was written when the daemon was killed, from the front or from the back: the record before or the record
    /// after is found, and nothing else.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_half_written_copy_is_never_used(bool backwards)
    {
        WriteOne();
        byte[] before = File.ReadAllBytes(_folder.StateFile);
        long atBefore = Update(1);
        byte[] after = File.ReadAllBytes(_folder.StateFile);
        long atAfter = atBefore;
        atBefore = Last(before);
        Assert.True(atAfter > atBefore);
        HashSet<long> found = [];
        for (int written = 0; written <= after.Length - HeaderSize; written++)
        {
            byte[] torn = [.. backwards ? after : before];
            byte[] rest = backwards ? before : after;
            int split = HeaderSize + (backwards ? after.Length - HeaderSize - written : written);
            rest.AsSpan(HeaderSize, split - HeaderSize).CopyTo(torn.AsSpan(HeaderSize));
            found.Add(Last(torn));
        }

        Assert.Equal([atBefore, atAfter], found.Order());
    }

    [Fact]
    public void A_link_in_its_place_is_not_followed()
    {
        string target = Path.Combine(_folder.Directory, "target");
        File.WriteAllText(target, "precious");
        File.CreateSymbolicLink(_folder.StateFile, target);
        using History history = _folder.Open()!;
        history.Claim(Key, 1);
        Assert.Single(_folder.Told);
        Assert.Equal("precious", File.ReadAllText(target));
        Assert.Null(new FileInfo(_folder.StateFile).LinkTarget);
    }

    [Fact]
    public void A_directory_in_its_place_is_told_and_nothing_is_kept()
    {
        Directory.CreateDirectory(_folder.StateFile);
        Assert.Null(_folder.Open());
        Assert.StartsWith($"CPU times start over, and will with the next daemon: cannot make {_folder.StateFile}: ", Assert.Single(_folder.Told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_in_its_place_is_not_waited_for()
    {
        Run("/usr/bin/mkfifo", _folder.StateFile);
        using History history = _folder.Open()!;
        Assert.Equal($"CPU times start over: {_folder.StateFile} cannot be continued (not a regular file)", Assert.Single(_folder.Told));
        Assert.NotNull(history.Claim(Key, 1));
    }

    [Fact]
    public void A_full_file_system_is_told_once_and_kills_nobody()
    {
        Assert.SkipUnless(Environment.UserName == "root", "mounts a small file system");
        string mount = Directory.CreateDirectory(Path.Combine(_folder.Directory, "small")).FullName;
        Run("/bin/mount", "-t", "tmpfs", "-o", "size=16k", "procfs-tests", mount);
        try
        {
            string file = Path.Combine(mount, "state");
            using (History history = _folder.Open(file)!)
            {
                List<HistoryRecord> kept = [];
                for (ulong i = 0; i < 100 && history.Claim(new HistoryKey(1, i, 2, 3, -1, 0), 1) is { } record; i++)
                {
                    kept.Add(record);
                    record.Save(new LedgerState { CapacityDenominator = 1 }, new long[8], new long[8], new long[8], new long[8], new long[8]);
                }

                Assert.InRange(kept.Count, 2, 40);
                Assert.Null(history.Claim(Key, 1));
                Assert.Equal("CPU times of new containers will start over with the next daemon: No space left on device", Assert.Single(_folder.Told));
            }

            // Holes where there was space, and none is left to fill them.
            byte[] whole = File.ReadAllBytes(file);
            File.Delete(file);
            using (FileStream sparse = File.Create(file))
            {
                sparse.Write(whole.AsSpan(0, HeaderSize));
                sparse.SetLength(whole.Length);
            }

            File.WriteAllBytes(Path.Combine(mount, "filler"), new byte[12 * 1024]);
            using History next = _folder.Open(file)!;
            Assert.Equal($"CPU times start over: {file} cannot be continued (No space left on device)", Assert.Single(_folder.Told));
            Assert.Equal(0, next.Count);
        }
        finally
        {
            Run("/bin/umount", "-l", mount);
        }
    }

    private static HistoryKey Key { get; } = new(1, 4711, 2, 3, -1, 0);

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private void AssertAfresh(string because)
    {
        using History history = _folder.Open()!;
        Assert.StartsWith($"CPU times start over: {_folder.StateFile} cannot be continued ({because}", Assert.Single(_folder.Told), StringComparison.Ordinal);
        Assert.Equal(0, history.Count);
        Assert.NotNull(history.Claim(Key, 5));
    }

    private void Change(Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(_folder.StateFile);
        change(bytes);
        File.WriteAllBytes(_folder.StateFile, bytes);
    }

    /// <summary>A file with one container, updated some times. When that was, and what all CPUs' times were then.</summary>
    private List<(long AtNs, long Sum)> WriteOne()
    {
        List<(long, long)> saved = [];
        using History history = _folder.Open()!;
        CpuLedger ledger = new(history.Claim(Key, RandomCgroup.StartNs));
        RandomCgroup cgroup = new(new Random(3), perCpu: true);
        CpuTimes times = new();
        for (int i = 0; i < 20; i++)
        {
            cgroup.Run();
            CpuSample sample = cgroup.Sample();
            ledger.Update(ledger.Version, sample, times);
            saved.Add((sample.NowNs, (long)(times.Sum.UserNs + times.Sum.NiceNs + times.Sum.SystemNs + times.Sum.IdleNs)));
        }

        return [.. saved.Distinct()];
    }

    /// <summary>One more update, so many seconds later. When that was.</summary>
    private long Update(int seconds)
    {
        using History history = _folder.Open()!;
        HistoryRecord record = history.Claim(Key, null)!;
        Assert.True(record.TryLoad(out LedgerState state, out _, out _, out _, out _, out _));
        CpuLedger ledger = new(record);
        long now = state.AtNs + (seconds * TestClock.Second);
        ledger.Update(ledger.Version, new CpuSample { NowNs = now, StartNs = 0, UserNs = state.LastUserNs + 500, SystemNs = state.LastSystemNs + 500, Cpus = RandomCgroup.View(8, null) }, new CpuTimes());
        return now;
    }

    private long Last(byte[] file)
    {
        File.WriteAllBytes(_folder.StateFile, file);
        using History history = _folder.Open()!;
        Assert.Empty(_folder.Told);
        Assert.True(history.Claim(Key, null)!.TryLoad(out LedgerState state, out _, out _, out _, out _, out _));
        return state.AtNs;
    }
}
