using ProcFs.Containers;

namespace ProcFs.Registration;

/// <summary>A container with a number: the process it was registered with, and the view that was found by it. Shared by all workers.</summary>
/// <param name="number">Its directory in c/.</param>
/// <param name="key">What it is.</param>
/// <param name="choiceOf">Asks what its registration says of how it is shown; null: nothing. Called once, by a worker that shows it.</param>
internal sealed class RegisteredContainer(ulong number, RegistrationKey key, Func<RegistrationKey, ViewChoice?> choiceOf)
{
    // As long as the view of a caller is remembered: a container may move to another cgroup.
    private const long ValidForNs = 3_000_000_000;

    private readonly Lazy<ViewChoice?> _choice = new(() => choiceOf(key));
    private Found? _found;

    public ulong Number { get; } = number;

    public RegistrationKey Key { get; } = key;

    /// <summary>How it is to be shown, where that is not as for all.</summary>
    public ViewChoice? Choice => _choice.Value;

    /// <summary>The view that was found a moment ago; null: it has to be looked for.</summary>
    /// <param name="nowNs">The time, in ns since boot.</param>
    public CallerView? FreshView(long nowNs)
        => Volatile.Read(ref _found) is { } found && nowNs - Volatile.Read(ref found.AtNs) < ValidForNs ? found.View : null;

    /// <summary>The view of its process; null when that has ended.</summary>
    /// <param name="resolver">The asking worker's.</param>
    /// <param name="nowNs">The time, in ns since boot.</param>
    public CallerView? View(CallerResolver resolver, long nowNs)
    {
        Found? found = Volatile.Read(ref _found);
        if (found is not null && nowNs - Volatile.Read(ref found.AtNs) < ValidForNs)
        {
            return found.View;
        }

        if (found?.View is { Container.Init: { } init } known && resolver.IsUnmoved(init, found.Cgroups))
        {
            Volatile.Write(ref found.AtNs, nowNs);
            return known;
        }

        CallerView? view = resolver.ResolveProcess(Key.Pid, Key.StartTime, out byte[] cgroups);
        Volatile.Write(ref _found, new Found(view, cgroups) { AtNs = nowNs });
        return view;
    }

    /// <summary>Its cgroup turned out to be gone: the next reader looks anew.</summary>
    public void Forget() => Volatile.Write(ref _found, null);

    private sealed class Found(CallerView? view, byte[] cgroups)
    {
        /// <summary>When that was so, in ns since boot.</summary>
        public long AtNs;

        public CallerView? View { get; } = view;

        public byte[] Cgroups { get; } = cgroups;
    }
}
