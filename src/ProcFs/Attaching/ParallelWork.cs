using System.Collections.Concurrent;
using System.Diagnostics;
using ProcFs.Hook.Attaching;

namespace ProcFs.Attaching;

/// <summary>Works on several containers at once, so that none that hangs delays the others, and each within its time.</summary>
internal static class ParallelWork
{
    private const int Threads = 4;
    private static readonly TimeSpan PerContainer = TimeSpan.FromSeconds(5);

    /// <summary>Does all of it; each result is handed over as soon as it is there, one at a time.</summary>
    /// <param name="work">What is to be done.</param>
    /// <param name="act">Does it to one namespace in the time that is left.</param>
    /// <param name="onResult">Called on any thread.</param>
    public static void Run(IEnumerable<ContainerWork> work, Func<NamespaceWork, TimeSpan, AttachReport> act, Action<ContainerResult> onResult)
    {
        ConcurrentQueue<ContainerWork> queue = new(work);
        Lock oneAtATime = new();
        // Threads of their own: each waits a lot, and the pool grows slowly.
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(Threads, queue.Count)).Select(_ => new Thread(Loop) { IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        void Loop()
        {
            while (queue.TryDequeue(out ContainerWork? container))
            {
                ContainerResult result = Do(container, act);
                lock (oneAtATime)
                {
                    onResult(result);
                }
            }
        }
    }

    private static ContainerResult Do(ContainerWork container, Func<NamespaceWork, TimeSpan, AttachReport> act)
    {
        long start = Stopwatch.GetTimestamp();
        List<AttachReport> reports = [];
        foreach (NamespaceWork work in container.Namespaces)
        {
            TimeSpan left = PerContainer - Stopwatch.GetElapsedTime(start);
            reports.Add(left > TimeSpan.Zero ? act(work, left) : new AttachReport($"no time was left for the mount namespace of process {work.Pid}", []));
        }

        return new ContainerResult(container, reports, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
