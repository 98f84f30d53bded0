using System.Collections.Concurrent;
using ProcFs.Containers;
using ProcFs.Tree;

namespace ProcFs.Registration;

/// <summary>All registered containers by number. Workers look them up; one thread, the registrar's, changes them.</summary>
internal sealed class RegisteredContainers : IContainerNumbers, IViewChoices
{
    private readonly ConcurrentDictionary<ulong, RegisteredContainer> _byNumber = new();
    private readonly ConcurrentDictionary<(int Pid, ulong StartTime), RegisteredContainer> _byProcess = new();
    private readonly Dictionary<string, RegisteredContainer> _byName = new(StringComparer.Ordinal);
    private readonly SortedSet<ulong> _numbers = [];
    private readonly Lock _lock = new();
    private int _version;

    public int Count => _byNumber.Count;

    int IViewChoices.Version => Volatile.Read(ref _version);

    ViewChoice? IViewChoices.Find(int pid, long startNs)
        => _byProcess.TryGetValue((pid, (ulong)(startNs / ProcessStat.TickNs)), out RegisteredContainer? found) ? found.Choice : null;

    /// <summary>Those that are there while they are gone through.</summary>
    public IEnumerable<RegisteredContainer> All => _byNumber.Select(entry => entry.Value);

    public RegisteredContainer? Find(ulong number) => _byNumber.TryGetValue(number, out RegisteredContainer? found) ? found : null;

    public RegisteredContainer? Find(string name)
    {
        lock (_lock)
        {
            return _byName.GetValueOrDefault(name);
        }
    }

    public bool IsKnown(ulong number) => _byNumber.ContainsKey(number);

    public ulong Next(ulong after)
    {
        if (after == ulong.MaxValue)
        {
            return 0;
        }

        lock (_lock)
        {
            // 0, the default, when there is none above.
            return _numbers.GetViewBetween(after + 1, ulong.MaxValue).Min;
        }
    }

    /// <summary>
    /// Adds one, or puts it in the place of the one with its number: there is no moment at which the number has none. Another one with the
    /// same name keeps its number, but is found by that alone.
    /// </summary>
    public void Add(RegisteredContainer container)
    {
        lock (_lock)
        {
            _byNumber[container.Number] = container;
            _byName[container.Key.Name] = container;
            _byProcess[(container.Key.Pid, container.Key.StartTime)] = container;
            _numbers.Add(container.Number);
            Volatile.Write(ref _version, _version + 1); // after all of it can be found
        }
    }

    /// <summary>False when it is not there any more.</summary>
    public bool Remove(RegisteredContainer container)
    {
        lock (_lock)
        {
            if (!_byNumber.TryRemove(new(container.Number, container)))
            {
                return false;
            }

            _byProcess.TryRemove(new((container.Key.Pid, container.Key.StartTime), container));
            if (_byName.TryGetValue(container.Key.Name, out RegisteredContainer? named) && named.Number == container.Number)
            {
                _byName.Remove(container.Key.Name);
            }

            _numbers.Remove(container.Number);
            Volatile.Write(ref _version, _version + 1);
            return true;
        }
    }
}
