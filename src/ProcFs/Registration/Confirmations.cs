namespace ProcFs.Registration;

/// <summary>
/// Containers that have a number and have not said yet that their files are attached: a hook may have run out of time between the two.
/// After a while an attach is due for them, and once more much later, for one that was still being made.
/// </summary>
internal sealed class Confirmations
{
    private static readonly long[] DueAfterNs = [10_000_000_000, 60_000_000_000];

    private readonly Dictionary<string, Waiting> _waiting = new(StringComparer.Ordinal);

    public int Count => _waiting.Count;

    public void Expect(string name, long nowNs) => _waiting[name] = new Waiting(nowNs, 0);

    /// <summary>It has its files, or is gone.</summary>
    public void Settle(string name) => _waiting.Remove(name);

    /// <summary>Whether an attach is due now; those it was tried for often enough are waited for no longer.</summary>
    public bool IsAttachDue(long nowNs)
    {
        bool isDue = false;
        foreach ((string name, Waiting waiting) in _waiting.ToArray())
        {
            if (nowNs - waiting.SinceNs >= DueAfterNs[waiting.Tries])
            {
                isDue = true;
                if (waiting.Tries + 1 == DueAfterNs.Length)
                {
                    _waiting.Remove(name);
                }
                else
                {
                    _waiting[name] = waiting with { Tries = waiting.Tries + 1 };
                }
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
            long left = Math.Max(0, waiting.SinceNs + DueAfterNs[waiting.Tries] - nowNs);
            next = Math.Min(next ?? left, left);
        }

        return next;
    }

    private readonly record struct Waiting(long SinceNs, int Tries);
}
