using System.CommandLine;
using Microsoft.Extensions.Logging;
using ProcFs.Configuration;
using ProcFs.Containers;
using ProcFs.Hook;
using ProcFs.Hook.Registration;
using ProcFs.Registration;
using ProcFs.Serving;

namespace ProcFs.Cli;

/// <summary>The views of containers in a process that is no daemon: made as the daemon makes them, with what was chosen and switched off.</summary>
internal static class LocalViews
{
    private const int KeptDescriptors = 256;

    /// <exception cref="Failure">The host's trees are not there.</exception>
    public static ViewService Open(ParseResult parsed, ProcFsConfig config, ILogger logger)
    {
        OffFiles off = OffState.Read(OffState.PathOf(RootOptions.RunDirectory(parsed), RootOptions.Mount(parsed)), out _);
        return new ViewService(RootOptions.Roots(parsed), config.View with { Off = off }, KeptDescriptors, logger);
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
    public static IReadOnlyList<ExplainedValue>? Explain(ViewService views, RegistryEntry entry, ProcFsConfig config)
        => views.CreateRenderer().FillFor(Add(views, entry), ViewExplanation.Needs) is { } snapshot
            ? ViewExplanation.Of(snapshot, ViewChoice.Of(entry), config)
            : null;
}
