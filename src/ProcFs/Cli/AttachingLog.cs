using System.CommandLine;
using Microsoft.Extensions.Logging;
using ProcFs.Attaching;
using ProcFs.Children;
using ProcFs.Hook;
using ProcFs.Hook.Output;
using ProcFs.Interop;
using ProcFs.Logging;
using ProcFs.Serving;
using Serilog.Extensions.Logging;

namespace ProcFs.Cli;

/// <summary>What attach and detach have in common: they need root, and tell what they do in the daemon's log. Where nobody said them by hand, not what the one before told.</summary>
internal static partial class AttachingLog
{
    /// <exception cref="Failure">There are no rights to do it, or nothing at all could be done.</exception>
    public static int Run(ParseResult parsed, string verb, Func<AttachOptions, ILogger, ExitCode> action)
    {
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, $"{verb} needs root: to enter the mount namespaces of containers");
        }

        // Nothing else of the configuration matters here, and containers must get rid of their files whatever is in it.
        ILogGate? gate = ChildEnvironment.IsOfService ? new SharedGate(new RepeatGate(RunDirectory.AttachWarnings(RootOptions.RunDirectory(parsed)), FloodGate.MostKinds), TimeProvider.System) : null;
        using Serilog.Core.Logger log = LogSetup.Create(RootOptions.ConfigOrDefaults(parsed, out string? defect), gate);
        using SerilogLoggerFactory factory = new(log);
        if (defect is not null)
        {
            NoConfig(factory.CreateLogger("procfs." + verb), defect);
        }

        string? session = RootOptions.MountIsGiven(parsed) ? MountName.Of(RootOptions.Mount(parsed)) : null;
        return (int)action(new AttachOptions(RootOptions.RunDirectory(parsed), RootOptions.Roots(parsed).Proc, session), factory.CreateLogger("procfs." + verb));
    }

    [LoggerMessage(1441, LogLevel.Warning, "the configuration cannot be used, and is not needed for this: {Reason}")]
    public static partial void NoConfig(ILogger logger, string reason);
}
