namespace ProcFs.Containers;

/// <summary>For how long what was found out once serves others, in ns. Zero, the default, means never: <c>show</c> and most tests look each time.</summary>
/// <param name="TextsNs">The text of a file for a container.</param>
/// <param name="CallersNs">Which container a thread is in, as long as the thread lives.</param>
internal readonly record struct Reuse(long TextsNs, long CallersNs)
{
    /// <summary>
    /// What the daemon does: whoever reads a file again and again gets the same text for 10 ms, the resolution of the kernel's own
    /// counters; and a thread that changes its cgroup or namespaces while it reads sees that after 250 ms.
    /// </summary>
    public static Reuse ByDaemon => new(10_000_000, 250_000_000);
}
