using ProcFs.Cgroups;
using ProcFs.Interop;

namespace ProcFs.Triggers;

/// <summary>
/// Closes the files of triggers on a thread of its own, which begins with the first: the kernel waits for all of its own readers meanwhile, for tens of
/// milliseconds, and a worker that did would keep other containers waiting. Until it is closed a trigger counts as one of its container's.
/// </summary>
internal sealed class TriggerCloser
{
    private readonly object _lock = new();
    private readonly Queue<(FileDescriptor File, CgroupIdentity Group)> _waiting = [];
    private readonly Dictionary<CgroupIdentity, int> _counts = [];
    private Thread? _thread;

    /// <summary>How many are not closed yet.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _counts.Values.Sum();
            }
        }
    }

    /// <summary>How many of one container's are not closed yet.</summary>
    public int CountOf(CgroupIdentity group)
    {
        lock (_lock)
        {
            return _counts.GetValueOrDefault(group);
        }
    }

    /// <summary>Has one closed, and does not wait for it.</summary>
    public void Close(FileDescriptor file, CgroupIdentity group)
    {
        lock (_lock)
        {
            _counts[group] = _counts.GetValueOrDefault(group) + 1;
            _waiting.Enqueue((file, group));
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "triggers-end" };
                _thread.Start();
            }

            Monitor.PulseAll(_lock);
        }
    }

    private void Run()
    {
        while (true)
        {
            (FileDescriptor File, CgroupIdentity Group) next;
            lock (_lock)
            {
                while (!_waiting.TryDequeue(out next))
                {
                    Monitor.Wait(_lock);
                }
            }

            next.File.Dispose();
            lock (_lock)
            {
                if (--_counts[next.Group] == 0)
                {
                    _counts.Remove(next.Group);
                }
            }
        }
    }
}
