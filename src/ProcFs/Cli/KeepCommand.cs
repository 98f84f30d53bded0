using System.CommandLine;
using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Configuration;
using ProcFs.Handover;
using ProcFs.Interop;
using ProcFs.Keeping;
using ProcFs.Logging;
using ProcFs.Serving;
using Serilog.Extensions.Logging;

namespace ProcFs.Cli;

/// <summary><c>procfs keep</c>: the keeper.</summary>
internal static class KeepCommand
{
    public static Command Create()
    {
        Command command = new("keep", "Keeps the connections of servers in a run directory for their successors, and lets readers go when none comes.");
        command.SetAction(parsed => (int)Keep(RootOptions.RunDirectory(parsed), RootOptions.Roots(parsed).Proc, mount => AttachVerbs.DetachAll(RootOptions.Arguments(parsed, mount)), RootOptions.Config(parsed)));
        return command;
    }

    private static ExitCode Keep(string runDirectory, string procRoot, Func<string, IReadOnlyList<string>> detach, ProcFsConfig config)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, "keep needs root: what it keeps is root's");
        }

        using Serilog.Core.Logger log = LogSetup.Create(config);
        using SerilogLoggerFactory factory = new(log);
        ILogger logger = factory.CreateLogger<Keeper>();
        using SignalInbox signals = new();
        signals.Catch(Libc.SIGTERM, Libc.SIGINT, Libc.SIGHUP); // a closed terminal ends it, too
        KeepingRules rules = new()
        {
            ReleaseAfter = config.ReleaseAfter,
            Open = (device, journal, out defect) => KeptSession.TryOpen(device, journal, logger, out defect),
            Unmount = mount => ServedMounts.Detach(runDirectory, mount, procRoot),
            Detach = mount => ChildVerb.Start(detach(mount), out _, isOfService: true),
        };
        using PassedDescriptors passed = PassedDescriptors.Claim();
        using ServiceManager manager = ServiceManager.Claim(isSupervised: false);
        using Keeper keeper = new(runDirectory, rules, manager, signals, logger);
        keeper.Run(passed);
        return ExitCode.Done;
    }
}
