using System.Diagnostics;
using System.Globalization;
using ProcFs.Hook.Attaching;

namespace ProcFs.Attaching;

/// <summary>
/// Works on several containers at once, each within its time. A thread that does not come back, since the kernel waits for a file system of a
/// container, is left behind with that container, and another one takes its place.
/// </summary>
internal sealed class ParallelWork
{
    private const int Threads = 4;

    /// <summary>Beyond the time of a container, for what comes back late by itself.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly Queue<ContainerWork> _queue;
    private readonly TimeSpan _perContainer;
    private readonly TimeSpan _grace;
    private readonly Func<NamespaceWork, TimeSpan, AttachReport> _act;
    private readonly Action<ContainerResult> _onResult;
    private readonly object _gate = new(); // of all below; told of each thread that ends
    private readonly List<Worker> _workers = [];

    private ParallelWork(
        IEnumerable<ContainerWork> work, TimeSpan perContainer, Func<NamespaceWork, TimeSpan, AttachReport> act, Action<ContainerResult> onResult, TimeSpan grace)
    {
        _grace = grace;
        _queue = new Queue<ContainerWork>(work);
        _perContainer = perContainer;
        _act = act;
        _onResult = onResult;
    }

    /// <summary>Does all of it, in its order; each result is handed over as soon as it is there, one at a time.</summary>
    /// <param name="work">What is to be done.</param>
    /// <param name="perContainer">The time that each may take.</param>
    /// <param name="act">Does it to one namespace in the time that is left.</param>
    /// <param name="onResult">Called on any thread.</param>
    /// <param name="grace">Beyond the time of a container, until it is left behind; null: half a second.</param>
    public static void Run(
        IEnumerable<ContainerWork> work, TimeSpan perContainer, Func<NamespaceWork, TimeSpan, AttachReport> act, Action<ContainerResult> onResult, TimeSpan? grace = null)
        => new ParallelWork(work, perContainer, act, onResult, grace ?? Grace).Run();

    private void Run()
    {
        lock (_gate)
        {
            for (int i = Math.Min(Threads, _queue.Count); i > 0; i--)
            {
                Start();
            }

            while (_workers.Count > 0)
            {
                Monitor.Wait(_gate, LookEvery);
                foreach (Worker stuck in _workers.Where(worker => worker.Work is not null && worker.Elapsed > _perContainer + _grace).ToArray())
                {
                    LeaveBehind(stuck);
                }
            }
        }
    }

    private void Start()
    {
        Worker worker = new();
        _workers.Add(worker);
        // A thread of its own: it waits a lot, and the pool grows slowly.
        new Thread(() => Loop(worker)) { IsBackground = true, Name = "container" }.Start();
    }

    private void LeaveBehind(Worker stuck)
    {
        _workers.Remove(stuck);
        string what = string.Create(
            CultureInfo.InvariantCulture, $"the kernel did not come back within {_perContainer.TotalSeconds} s: it waits for a file system of this container");
        _onResult(new ContainerResult(stuck.Work!, [], [new AttachReport(what, [])], stuck.Elapsed.TotalMilliseconds) { IsLeftBehind = true });
        Start();
    }

    private void Loop(Worker worker)
    {
        while (Next(worker) is { } container)
        {
            ContainerResult result = Do(container, worker.Start);
            lock (_gate)
            {
                if (!_workers.Contains(worker))
                {
                    return; // another one is in our place
                }

                worker.Work = null;
                _onResult(result);
            }
        }
    }

    private ContainerWork? Next(Worker worker)
    {
        lock (_gate)
        {
            if (_queue.TryDequeue(out ContainerWork? container))
            {
                worker.Start = Stopwatch.GetTimestamp();
                worker.Work = container;
                return container;
            }

            _workers.Remove(worker);
            Monitor.Pulse(_gate);
            return null;
        }
    }

    private ContainerResult Do(ContainerWork container, long start)
    {
        List<NamespaceWork> namespaces = [];
        List<AttachReport> reports = [];
        foreach (NamespaceWork work in container.Look(Left))
        {
            namespaces.Add(work);
            TimeSpan left = Left();
            reports.Add(left > TimeSpan.Zero ? _act(work, left) : new AttachReport($"no time was left for the mount namespace of process {work.Pid}", []));
        }

        return new ContainerResult(container, namespaces, reports, Stopwatch.GetElapsedTime(start).TotalMilliseconds);

        TimeSpan Left() => _perContainer - Stopwatch.GetElapsedTime(start);
    }

    private sealed class Worker
    {
        /// <summary>What it is at; null: nothing.</summary>
        public ContainerWork? Work { get; set; }

        /// <summary>Since when.</summary>
        public long Start { get; set; }

        public TimeSpan Elapsed => Stopwatch.GetElapsedTime(Start);
    }
}
