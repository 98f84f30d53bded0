using System.Buffers.Text;
using ProcFs.Containers;
using ProcFs.Interop;
using ProcFs.Text;

namespace ProcFs.Sampling;

/// <summary>
/// Counts a container's threads by state, at most once a second and up to a bound, however many ask. The counts of the last
/// walk serve everybody else, so a container with thousands of threads costs no more than one walk a second.
/// </summary>
/// <param name="record">Where the highest process number is kept for the next daemon; null: nowhere.</param>
internal sealed class ThreadWalk(HistoryRecord? record = null)
{
    private const long SharedForNs = 1_000_000_000;

    // A walk that takes longer than this is not made while a reader waits, unless the counts are old; and it is made less often, so that
    // it never takes more than a hundredth of a CPU.
    private const long CheapNs = 1_000_000;
    private const long OldAfterNs = 10_000_000_000;
    private const long Rests = 100;

    private readonly Lock _walking = new();
    private readonly Lock _reading = new();
    private ThreadCounts _counts = new(0, 0, 0, record?.HighestPid ?? 0);
    private long _walkedAt;
    private long _tookNs;
    private bool _walked;

    /// <summary>
    /// The counts, at most a second old; those of the walk before while another worker is making them anew, and where a walk takes its
    /// time and is not long ago.
    /// </summary>
    /// <param name="container">Whose threads.</param>
    /// <param name="proc">Where they are.</param>
    /// <param name="clock">In ns.</param>
    /// <param name="mostThreads">How many are visited at most.</param>
    /// <param name="buffers">The asking worker's.</param>
    /// <param name="isDue">The counts are older than a second: <see cref="Refresh"/> is to be called when nobody waits.</param>
    public ThreadCounts Get(Container container, ProcRoot proc, TimeProvider clock, int mostThreads, ThreadWalkBuffers buffers, out bool isDue)
    {
        long age = clock.GetTimestamp() - Volatile.Read(ref _walkedAt);
        isDue = Volatile.Read(ref _walked) && age >= ServesForNs && age < ServesForNs + OldAfterNs && Volatile.Read(ref _tookNs) > CheapNs;
        if (!isDue)
        {
            return Refresh(container, proc, clock, mostThreads, buffers);
        }

        return Counts();
    }

    /// <summary>Walks, if the last walk is a second ago and nobody else is at it. The counts of the last walk.</summary>
    public ThreadCounts Refresh(Container container, ProcRoot proc, TimeProvider clock, int mostThreads, ThreadWalkBuffers buffers)
    {
        bool mine = _walking.TryEnter();
        if (!mine && !Volatile.Read(ref _walked))
        {
            // Only the very first walk is worth waiting for.
            _walking.Enter();
            mine = true;
        }

        try
        {
            if (mine && (!_walked || clock.GetTimestamp() - _walkedAt >= ServesForNs))
            {
                long startedAt = clock.GetTimestamp();
                ThreadCounts counts = Walk(container, proc, mostThreads, buffers, _counts.HighestPid);
                // Before anybody is shown it.
                record?.SaveHighestPid(counts.HighestPid);
                lock (_reading)
                {
                    _counts = counts;
                }

                long now = clock.GetTimestamp();
                Volatile.Write(ref _tookNs, now - startedAt);
                Volatile.Write(ref _walkedAt, now);
                Volatile.Write(ref _walked, true);
            }
        }
        finally
        {
            if (mine)
            {
                _walking.Exit();
            }
        }

        return Counts();
    }

    private ThreadCounts Counts()
    {
        lock (_reading)
        {
            return _counts;
        }
    }

    private long ServesForNs => Math.Clamp(Volatile.Read(ref _tookNs) * Rests, SharedForNs, OldAfterNs);

    private static ThreadCounts Walk(Container container, ProcRoot proc, int mostThreads, ThreadWalkBuffers buffers, int highestPid)
    {
        Tally tally = new() { Left = mostThreads, HighestPid = highestPid };
        int depth = container.Init?.NamespaceDepth ?? 1;
        foreach (int pid in ProcessIds.Read(container.Cgroups, mostThreads, ref buffers.Pids))
        {
            if (tally.Left <= 0)
            {
                break;
            }

            using ProcessDirectory process = ProcessDirectory.Open(proc, pid);
            Visit(process, depth, buffers, ref tally);
        }

        return new ThreadCounts(tally.Running, tally.Blocked, tally.Threads, tally.HighestPid);
    }

    private static void Visit(in ProcessDirectory process, int depth, ThreadWalkBuffers buffers, ref Tally tally)
    {
        if (!process.TryRead("status\0"u8, ref buffers.Text, out ReadOnlySpan<byte> text))
        {
            return;
        }

        ProcessStatus status = ProcessStatus.Parse(text, depth);
        tally.HighestPid = Math.Max(tally.HighestPid, status.NamespacePid);
        tally.Threads = (int)Math.Min(int.MaxValue, (long)tally.Threads + Math.Max(1, status.Threads));
        if (status.Threads <= 1)
        {
            tally.Count(status.State);
            return;
        }

        int tasks = process.OpenFile("task\0"u8);
        if (tasks >= 0)
        {
            VisitThreads(tasks, depth, buffers, ref tally);
            Libc.Close(tasks);
        }
    }

    private static void VisitThreads(int tasks, int depth, ThreadWalkBuffers buffers, ref Tally tally)
    {
        int last = 0;
        DirectoryEntries entries = new(tasks, buffers.Entries);
        while (tally.Left > 0 && entries.TryReadNext(out ReadOnlySpan<byte> name, out _))
        {
            if (NumberText.TryParse(name[..^1], out int thread)
                && ReadOf(tasks, thread, "/stat\0"u8, buffers, out ReadOnlySpan<byte> text) && ProcessStat.TryParse(text, out ProcessStat stat))
            {
                last = Math.Max(last, thread);
                tally.Count(stat.State);
            }
        }

        // The newest thread has the highest number, here and in the container's namespace.
        if (last > 0 && ReadOf(tasks, last, "/status\0"u8, buffers, out ReadOnlySpan<byte> status))
        {
            tally.HighestPid = Math.Max(tally.HighestPid, ProcessStatus.Parse(status, depth).NamespacePid);
        }
    }

    private static bool ReadOf(int tasks, int thread, ReadOnlySpan<byte> file, ThreadWalkBuffers buffers, out ReadOnlySpan<byte> text)
    {
        Span<byte> path = stackalloc byte[32];
        Utf8Formatter.TryFormat(thread, path, out int length);
        file.CopyTo(path[length..]);
        int read = Host.KernelText.Read(tasks, path, ref buffers.Text);
        text = read > 0 ? buffers.Text.AsSpan(0, read) : default;
        return read > 0;
    }

    private struct Tally
    {
        public int Left;
        public int Running;
        public int Blocked;
        public int Threads;
        public int HighestPid;

        public void Count(byte state)
        {
            Left--;
            Running += state == (byte)'R' ? 1 : 0;
            Blocked += state == (byte)'D' ? 1 : 0;
        }
    }
}
