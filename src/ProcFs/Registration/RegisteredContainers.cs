using System.Collections.Concurrent;
using ProcFs.Tree;

namespace ProcFs.Registration;

/// <summary>All registered containers by number. Workers look them up; one thread, the registrar's, changes them.</summary>
internal sealed class RegisteredContainers : IContainerNumbers
{
    private readonly ConcurrentDictionary<ulong, RegisteredContainer> _byNumber = new();
    private readonly Dictionary<string, RegisteredContainer> _byName = new(StringComparer.Ordinal);
    private readonly SortedSet<ulong> _numbers = [];
    private readonly Lock _lock = new();

    public int Count => _byNumber.Count;

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

    /// <summary>Adds one; another with the same name is the same engine's earlier container, and has ended.</summary>
    public void Add(RegisteredContainer container)
    {
        lock (_lock)
        {
            if (_byName.Remove(container.Key.Name, out RegisteredContainer? earlier))
            {
                _byNumber.TryRemove(earlier.Number, out _);
                _numbers.Remove(earlier.Number);
            }

            _byName.Add(container.Key.Name, container);
            _byNumber[container.Number] = container;
            _numbers.Add(container.Number);
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

            _byName.Remove(container.Key.Name);
            _numbers.Remove(container.Number);
            return true;
        }
    }
}
