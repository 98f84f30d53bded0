namespace ProcFs.Registration;

/// <summary>
/// Containers that have a number and have not said yet that their files are attached: a hook may have run out of time between the two.
/// After a while an attach is due for them, and once more much later, for one that was still being made. Each of these attaches registers
/// them again: that is no reason to begin anew.
/// </summary>
internal sealed class Confirmations
{
    private static readonly long[] DueAfterNs = [10_000_000_000, 60_000_000_000];

    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    /// <summary>Those that have not settled, also when no attach is tried for them any more.</summary>
    public int Count => _waiting.Count;

    /// <summary>Begins to wait, unless it is waited for, or was in vain.</summary>
    public void Expect(string name, long nowNs) => _waiting.TryAdd(name, new Waiting(nowNs, 0));

    /// <summary>It has its files, or is gone.</summary>
    public void Settle(string name) => _waiting.Remove(name);

    /// <summary>Whether an attach is due now; for those it was tried for often enough it never is again.</summary>
    public bool IsAttachDue(long nowNs)
    {
        bool isDue = false;
        foreach ((string name, Waiting waiting) in _waiting.ToArray())
        {
            if (waiting.DueNs <= nowNs)
            {
                isDue = true;
                _waiting[name] = waiting with { Tries = waiting.Tries + 1 };
            }
        }

        return isDue;
    }

    /// <summary>When the next one is due, in ns from now; null: none is.</summary>
    public long? NextNs(long nowNs)
    {
        long? next = null;
        foreach (Waiting waiting in _waiting.Values)
        {
            if (waiting.DueNs is { } due)
            {
                long left = Math.Max(0, due - nowNs);
                next = Math.Min(next ?? left, left);
            }
        }

        return next;
    }

    private readonly record struct Waiting(long SinceNs, int Tries)
    {
        /// <summary>Null: never more.</summary>
        public long? DueNs => Tries < DueAfterNs.Length ? SinceNs + DueAfterNs[Tries] : null;
    }
}
