using ProcFs.Interop;

namespace ProcFs.Bench;

/// <summary>The verb <c>read</c>: the only program that is timed, in a process of its own in the container. Carries out a <see cref="ReadPlan"/> and reports every duration.</summary>
internal sealed class Reader : IDisposable
{
    private const int SpinSteps = 20_000;

    private readonly ReadPlan _plan;
    private readonly Barrier _barrier;
    private readonly List<byte[]> _reports = [];
    private readonly long _end;
    private volatile BenchFailure? _failure;

    private Reader(ReadPlan plan)
    {
        _plan = plan;
        _barrier = new Barrier(plan.Readers);
        _end = plan.Seconds > 0 ? Environment.TickCount64 + (plan.Seconds * 1000L) : long.MaxValue;
    }

    /// <exception cref="BenchFailure">Not a plan, or a file cannot be read.</exception>
    public static int Run(string[] words)
    {
        using Reader reader = new(ReadPlan.Parse(words));
        Thread[] others = [.. Enumerable.Range(1, reader._plan.Readers - 1).Select(i => new Thread(() => reader.Work(i)))];
        foreach (Thread other in others)
        {
            other.Start();
        }

        reader.Work(0);
        foreach (Thread other in others)
        {
            other.Join();
        }

        if (reader._failure is { } failure)
        {
            throw failure;
        }

        using Stream output = Console.OpenStandardOutput();
        foreach (byte[] report in reader._reports)
        {
            output.Write(report);
        }

        return 0;
    }

    public void Dispose() => _barrier.Dispose();

    private void Work(int number)
    {
        try
        {
            byte[] report = Measure((ushort)number);
            lock (_reports)
            {
                _reports.Add(report);
            }
        }
        catch (BenchFailure failure)
        {
            _failure = failure;
            _barrier.RemoveParticipant();
        }
    }

    private byte[] Measure(ushort number)
    {
        TimedFile[] files = [.. _plan.Paths.Select(path => new TimedFile(path, _plan.IsKept))];
        int[] order = [.. Enumerable.Range(0, files.Length)];
        Random random = new(_plan.Seed); // the same in all threads: they read the same file at once
        byte[] report = new byte[_plan.Rounds * ((files.Length * _plan.Burst) + 1) * ReadReport.RecordSize];
        int length = 0;
        for (int round = -ReadPlan.WarmRounds; round < _plan.Rounds; round++)
        {
            if (number == 0)
            {
                Note(ReadReport.Spin, SpinProbe(), round);
            }

            random.Shuffle(order);
            foreach (int path in order)
            {
                if (_plan.GapMs > 0)
                {
                    Thread.Sleep(_plan.GapMs);
                }

                if (_plan.Readers > 1)
                {
                    _barrier.SignalAndWait();
                }

                for (int i = 0; i < _plan.Burst; i++)
                {
                    Note((ushort)path, files[path].Read(), round);
                }
            }

            if (Environment.TickCount64 >= _end || _failure is not null)
            {
                break;
            }
        }

        if (_plan.Readers > 1)
        {
            _barrier.RemoveParticipant();
        }

        return report[..length];

        void Note(ushort path, long nanoseconds, int round)
        {
            if (round >= 0)
            {
                ReadReport.Write(report.AsSpan(length), path, number, nanoseconds);
                length += ReadReport.RecordSize;
            }
        }
    }

    /// <summary>Always the same work, without a system call and without memory.</summary>
    private static long SpinProbe()
    {
        long start = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
        ulong state = 88172645463325252;
        for (int i = 0; i < SpinSteps; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
        }

        long end = Libc.ClockNanoseconds(Libc.CLOCK_MONOTONIC);
        return state == 0 ? throw new InvalidOperationException("xorshift never gets there") : end - start;
    }
}
