using ProcFs.Hook.Attaching;
using ProcFs.Hook.Registration;

namespace ProcFs.Attaching;

/// <summary>A registered container, and where the daemon has its files.</summary>
/// <param name="Entry">As the spool has it.</param>
/// <param name="Source">…/c/NUMBER on the private mount; empty when nothing is to be attached.</param>
/// <param name="Files">Which of them it is to have.</param>
/// <param name="Served">All that there are: dead ones among them come back even if nobody asks for them, as engines may have bound them by themselves.</param>
/// <param name="IsOnly">Of ours it is to have no others: these are taken off.</param>
internal sealed record AttachTarget(RegistryEntry Entry, string Source, IReadOnlyList<string> Files, IReadOnlyList<string> Served, bool IsOnly)
{
    /// <summary>What has to be there in the end.</summary>
    /// <param name="dead">Files of ours that are dead now.</param>
    public IReadOnlyList<string> FilesWith(IEnumerable<string> dead) => IsOnly ? Files : [.. Files.Union(dead.Intersect(Served))];
}

/// <summary>What is to be done to one mount namespace, by a process that is in it.</summary>
/// <param name="Pid">That process.</param>
/// <param name="StartTime">By which it is known.</param>
/// <param name="Source">Where the files come from; empty when nothing is to be attached.</param>
/// <param name="Files">What is to be attached.</param>
/// <param name="IsOnly">All others of ours are to be taken off.</param>
internal sealed record NamespaceWork(int Pid, ulong StartTime, string Source, IReadOnlyList<string> Files, bool IsOnly = false);

/// <summary>What is to be done to one container: its mount namespaces one after the other.</summary>
/// <param name="Id">The engine's id, or "pid-NUMBER" for what is not registered.</param>
/// <param name="Pid">Its first process.</param>
/// <param name="Look">
/// Finds its namespaces that need something done, that of the first process first, by their mountinfo: as long as the container likes, so this is part
/// of the work, and in its time. The argument says how much is left.
/// </param>
internal sealed record ContainerWork(string Id, int Pid, Func<Func<TimeSpan>, IEnumerable<NamespaceWork>> Look);

/// <summary>What became of it.</summary>
/// <param name="Work">What was to be done.</param>
/// <param name="Namespaces">Where something was to be done.</param>
/// <param name="Reports">One for each namespace.</param>
/// <param name="Milliseconds">How long it took.</param>
internal sealed record ContainerResult(ContainerWork Work, IReadOnlyList<NamespaceWork> Namespaces, IReadOnlyList<AttachReport> Reports, double Milliseconds)
{
    /// <summary>Whoever was at it did not come back.</summary>
    public bool IsLeftBehind { get; init; }

    /// <summary>One that ends meanwhile is no failure.</summary>
    /// <param name="procRoot">The procfs of the host that has the containers.</param>
    public bool IsStillThere(string procRoot)
        => IsLeftBehind || Namespaces.Any(target => StartTime.IsStill(procRoot, target.Pid, target.StartTime));
}
