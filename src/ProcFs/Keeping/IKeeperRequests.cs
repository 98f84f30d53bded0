namespace ProcFs.Keeping;

/// <summary>What can be asked of whoever listens on a keeper's socket.</summary>
internal interface IKeeperRequests
{
    /// <summary>Keeps a device and its journal, both the callee's to close. Null; or one sentence that says why not.</summary>
    string? Keep(string mount, int device, int journal);

    /// <summary>The descriptors for a mount; they stay the callee's.</summary>
    bool TryGet(string mount, out int device, out int journal);

    /// <summary>A mount ends for good. <paramref name="done"/> is called once, now or later: null, or one sentence that says why not.</summary>
    void End(string mount, Action<string?> done);

    /// <summary>One line for each mount.</summary>
    string List();
}
