using Microsoft.Extensions.Logging;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Hook;
using ProcFs.Hook.Registration;
using ProcFs.Host;
using ProcFs.Registration;

namespace ProcFs.Serving;

/// <summary>The views of containers in a process that is no daemon: made as the daemon makes them, with what was chosen and switched off.</summary>
internal static class LocalViews
{
    private const int KeptDescriptors = 256;

    /// <param name="roots">The trees of the containers' host.</param>
    /// <param name="runDirectory">Of the daemon.</param>
    /// <param name="mount">Its public mount point.</param>
    /// <param name="config">What is configured for all.</param>
    /// <param name="logger">Gets what an operator should know.</param>
    /// <exception cref="Failure">The host's trees are not there.</exception>
    public static ViewService Open(HostRoots roots, string runDirectory, string mount, ProcFsConfig config, ILogger logger)
    {
        OffFiles off = OffState.Read(OffState.PathOf(runDirectory, mount), out _);
        return new ViewService(roots, config.View with { Off = off }, KeptDescriptors, logger);
    }

    /// <summary>A registered container as such: its number here.</summary>
    public static ulong Add(ViewService views, RegistryEntry entry)
    {
        ulong number = (ulong)views.Registered.Count + 1;
        RegistrationKey key = new(RunDirectory.RegistryName(entry.Id), entry.Pid, entry.StartTime);
        views.Registered.Add(new RegisteredContainer(number, key, _ => ViewChoice.Of(entry)));
        return number;
    }

    /// <summary>What it is shown, and why; null: it has ended.</summary>
    /// <param name="renderer">Of the views that it was added to.</param>
    /// <param name="number">Its number there.</param>
    /// <param name="entry">Its registration.</param>
    /// <param name="config">What is configured for all.</param>
    public static IReadOnlyList<ExplainedValue>? Explain(ViewRenderer renderer, ulong number, RegistryEntry entry, ProcFsConfig config)
        => renderer.FillFor(number, ViewExplanation.Needs) is { } snapshot ? ViewExplanation.Of(snapshot, ViewChoice.Of(entry), config) : null;
}
