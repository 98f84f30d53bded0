using System.Globalization;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Host;
using ProcFs.Sampling;

namespace ProcFs.Tests;

/// <summary>A daemon that is killed while it writes: what its readers were shown is in the file, whole, and nothing is there that was never true.</summary>
public sealed unsafe class HistoryKillTests : IDisposable
{
    private const int Kills = 60;
    private const int Containers = 2;
    private const long StepNs = 1000;

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-kill-").FullName;
    private readonly SharedFile _progress;

    public HistoryKillTests() => _progress = new SharedFile(Path.Combine(_directory, "progress"), 4096);

    public void Dispose()
    {
        _progress.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public void Nothing_that_was_shown_is_lost_or_torn_by_a_kill()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "proc/sys/kernel/random"));
        File.WriteAllText(Path.Combine(_directory, "proc/sys/kernel/random/boot_id"), "3f0d1b62-55b3-4b0e-9c8a-0f0e4a6c2d11\n");
        File.WriteAllText(Path.Combine(_directory, "proc/stat"), HostTexts.Stat(9));
        Random random = new(1);
        long* progress = (long*)_progress.Start;
        long total = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            long[] before = [progress[0], progress[1], progress[2]];
            KilledChild.RunAndKill("history", _directory, TimeSpan.FromMilliseconds(random.NextDouble() * 20),
                () => Volatile.Read(ref progress[0]) > before[0] && Volatile.Read(ref progress[1]) > before[1] && Volatile.Read(ref progress[2]) > before[2]);
            using History history = Open(_directory);
            for (int i = 0; i < Containers; i++)
            {
                HistoryRecord record = history.Claim(Key(i), null)!;
                Assert.True(record.TryLoad(out LedgerState state, out long[] user, out long[] nice, out long[] system, out long[] idle, out long[] perCpu));
                long step = state.AtNs / StepNs;
                Assert.InRange(step, progress[i], progress[i] + 1);
                Assert.Equal((step * StepNs, 600 * step, 300 * step, 100 * step), (state.AtNs, state.LastUserNs, state.LastSystemNs, state.LastNiceNs));
                Assert.Equal((600 * step, 100 * step, 300 * step, (8 * StepNs * step) - (900 * step)), (user.Sum(), nice.Sum(), system.Sum(), idle.Sum()));
                Assert.Equal(Enumerable.Repeat(900 * step / 9, 9), perCpu);
                Assert.Equal(0, record.StartNs);
                total = Math.Max(total, step);
                if (i == 0)
                {
                    Assert.InRange(record.HighestPid, progress[2], progress[2] + 1);
                }
            }
        }

        Assert.True(total > Kills, $"only {total} updates");
    }

    /// <summary>One thread for each container, and one that counts processes of the first.</summary>
    internal static void Live(string directory)
    {
        using SharedFile shared = new(Path.Combine(directory, "progress"), 4096);
        long* progress = (long*)shared.Start;
        using History history = Open(directory);
        HistoryRecord[] records = [.. Enumerable.Range(0, Containers).Select(i => history.Claim(Key(i), startNs: 0)!)];
        for (int i = 0; i < Containers; i++)
        {
            int container = i;
            new Thread(() => Count(records[container], (long*)shared.Start + container)) { IsBackground = true }.Start();
        }

        for (int pid = records[0].HighestPid + 1; ; pid++)
        {
            records[0].SaveHighestPid(pid);
            Volatile.Write(ref progress[2], pid);
        }
    }

    private static void Count(HistoryRecord record, long* progress)
    {
        CpuLedger ledger = new(record);
        CpuTimes times = new();
        CpuView cpus = CpuView.Of(null, null, CpuSet.FirstOf(8), default, last: null);
        long[] perCpu = new long[9];
        for (long step = record.TryLoad(out LedgerState state, out _, out _, out _, out _, out _) ? (state.AtNs / StepNs) + 1 : 1; ; step++)
        {
            Array.Fill(perCpu, 100 * step);
            CpuSample sample = new() { NowNs = step * StepNs, StartNs = 0, UserNs = 600 * step, SystemNs = 300 * step, NiceNs = 100 * step, PerCpuNs = perCpu, Cpus = cpus };
            ledger.Update(ledger.Version, sample, times);
            Volatile.Write(ref *progress, step);
        }
    }

    private static HistoryKey Key(int container) => new(1, 100 + (ulong)container, 1, 2, -1, 0);

    private static History Open(string directory)
        => History.Open(Path.Combine(directory, "state"), HostRoots.From(Path.Combine(directory, "proc"), "/sys/fs/cgroup"), new TestClock { NowNs = long.MaxValue / 2 },
            message => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"told: {message}")))!;
}
