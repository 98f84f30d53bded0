using System.Buffers.Binary;
using ProcFs.Cgroups;
using ProcFs.Containers;
using ProcFs.Fuzz.Engine;
using ProcFs.Host;
using ProcFs.Sampling;
using ProcFs.Tests.Support;

namespace ProcFs.Fuzz.Targets.Memory;

/// <summary>The file of histories, of this layout or of the one before. A successor opens it, and shows containers CPU times from there on: none falls, none is negative.</summary>
internal sealed unsafe class HistoryImage : IMemoryImage
{
    private const string Boot = "3f0d1b62-55b3-4b0e-9c8a-0f0e4a6c2d11";
    private const int Cpus = 2;
    private const int HeaderSize = 4096;
    private const int CopySizeAt = 12;

    private readonly string _directory = Directory.CreateTempSubdirectory("procfs-fuzz-").FullName;
    private readonly TestClock _clock = new() { NowNs = 100_000 * TestClock.Second };
    private readonly HostRoots _roots;
    private readonly HistoryKey[] _keys;
    private readonly bool _isOld;

    /// <param name="isOld">Of layout version 1, from the fixtures.</param>
    public HistoryImage(bool isOld)
    {
        _isOld = isOld;
        Write("proc/sys/kernel/random/boot_id", Boot + "\n");
        Write("sys/devices/system/cpu/possible", $"0-{Cpus - 1}\n");
        _roots = HostRoots.From(Path.Combine(_directory, "proc"), Path.Combine(_directory, "sys/fs/cgroup"));
        _keys = isOld ? [new HistoryKey(30, 150387, 18390620295278973067, 13956337860826861021, 25033320000000, 2626)] : [new HistoryKey(1, 2, 3, 4, -1, 0), new HistoryKey(1, 3, 3, 4, 5, 6)];
        Right = isOld ? File.ReadAllBytes(Path.Combine(FuzzTargets.Fixtures, "history/version-1.state")) : Make();
    }

    public byte[] Right { get; }

    public IEnumerable<int> Places => [0, 8, 12, 16, 20, 24, .. Enumerable.Range(0, 40).Select(word => HeaderSize + (8 * word))];

    private string StateFile => Path.Combine(_directory, "state");

    public void Try(byte[] bytes, byte flags)
    {
        if ((flags & 1) != 0 && !_isOld)
        {
            Seal(bytes);
        }

        // Another file: the one before may be mapped.
        File.Delete(StateFile);
        File.WriteAllBytes(StateFile, bytes);
        using History? history = History.Open(StateFile, _roots, _clock, told => FuzzDefect.Unless(told.Length > 0 && !told.Contains('\n'), "what is lost is told in one sentence", told));
        FuzzDefect.Unless(history is { Count: >= 0 and <= HistoryFile.MostRecords }, "there is a history, the old one or a new one");
        foreach (HistoryKey key in _keys.Append(new HistoryKey(7, 7, 7, 7, 7, 7)))
        {
            _ = history!.TryFindStart(key, out _);
            HistoryRecord? record = history.Claim(key, 5);
            FuzzDefect.Unless(record is not null, "a container's history is kept");
            Continue(record!);
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_directory, path))!);
        File.WriteAllText(Path.Combine(_directory, path), text);
    }

    private byte[] Make()
    {
        using (History history = History.Open(StateFile, _roots, _clock, _ => { })!)
        {
            foreach (HistoryKey key in _keys)
            {
                HistoryRecord record = history.Claim(key, 5)!;
                record.SaveHighestPid(33);
                Continue(record);
            }
        }

        return File.ReadAllBytes(StateFile);
    }

    private void Continue(HistoryRecord record)
    {
        CpuLedger ledger = new(record);
        CpuTimes times = new();
        CpuTime last = default;
        for (int step = 1; step <= 2; step++)
        {
            CpuView cpus = CpuView.Of(null, null, CpuSet.FirstOf(Cpus), default, last: null);
            ledger.Update(ledger.Version, new CpuSample
            {
                NowNs = _clock.NowNs + (step * TestClock.Second),
                StartNs = 5,
                UserNs = step * TestClock.Second,
                SystemNs = step * TestClock.Second,
                PerCpuNs = [step * TestClock.Second, step * TestClock.Second],
                Cpus = cpus,
            }, times);
            CpuTime sum = times.Sum;
            FuzzDefect.Unless(sum.UserNs >= last.UserNs && sum.NiceNs >= last.NiceNs && sum.SystemNs >= last.SystemNs && sum.IdleNs >= last.IdleNs, "no CPU time falls or is negative");
            for (int cpu = 0; cpu < times.Visible; cpu++)
            {
                CpuTime time = times[cpu];
                FuzzDefect.Unless(time.UserNs >= 0 && time.NiceNs >= 0 && time.SystemNs >= 0 && time.IdleNs >= 0, "no CPU time of a CPU is negative");
            }

            last = sum;
        }

        FuzzDefect.Unless(record.HighestPid >= 0, "the highest process number is not negative");
        record.SaveHighestPid(int.MaxValue);
    }

    /// <summary>Sums up each copy again, as far as its own numbers lie within it.</summary>
    private static void Seal(byte[] bytes)
    {
        int copySize = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(CopySizeAt));
        fixed (byte* start = bytes)
        {
            for (long at = HeaderSize; copySize >= sizeof(HistoryHead) && at + copySize <= bytes.Length; at += copySize)
            {
                HistoryHead* head = (HistoryHead*)(start + at);
                if (head->Sequence != 0 && head->Cpus is >= 0 and <= Cpus && head->HostCpus is >= 0 and <= Cpus)
                {
                    HistoryRecord.Seal(start + at, head->Sequence);
                }
            }
        }
    }
}
