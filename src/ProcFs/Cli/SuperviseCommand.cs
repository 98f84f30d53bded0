using System.CommandLine;
using Microsoft.Extensions.Logging;
using ProcFs.Children;
using ProcFs.Configuration;
using ProcFs.Fuse;
using ProcFs.Handover;
using ProcFs.Hook;
using ProcFs.Interop;
using ProcFs.Keeping;
using ProcFs.Logging;
using ProcFs.Serving;
using Serilog.Extensions.Logging;

namespace ProcFs.Cli;

/// <summary><c>procfs supervise</c>: keeper, and starter of the server, where no service manager does that.</summary>
internal static class SuperviseCommand
{
    public static Command Create()
    {
        Argument<string[]> arguments = new("ARGUMENTS") { Description = "options of serve, after --", Arity = ArgumentArity.ZeroOrMore };
        Command command = new("supervise", "Runs serve, keeps its connection and starts it again whenever it ends, until SIGTERM, which also unmounts.") { arguments };
        command.SetAction(parsed => Supervise([.. GivenOptions.Of(parsed), .. parsed.GetValue(arguments) ?? []]));
        return command;
    }

    /// <param name="options">Options of serve.</param>
    private static int Supervise(string[] options)
    {
        // Understood here as serve will understand them: what is wrong with them is said now, and once.
        ParseResult serve = CommandLine.Parse(["serve", "--supervised", .. options]);
        if (CommandLine.WhatIsWrong(serve) is { } wrong)
        {
            throw new Failure(ExitCode.WrongUse, wrong);
        }

        ProcFsConfig config = RootOptions.Config(serve);
        string runDirectory = RootOptions.RunDirectory(serve);
        string procRoot = RootOptions.Roots(serve).Proc;
        IReadOnlyList<string> detach = AttachVerbs.DetachAll(RootOptions.Arguments(serve));
        if (Libc.EffectiveUserId() != 0)
        {
            throw new Failure(ExitCode.Impossible, "supervise needs root, as the server does");
        }

        using Serilog.Core.Logger log = LogSetup.Create(config);
        using SerilogLoggerFactory factory = new(log);
        ILogger logger = factory.CreateLogger<Supervisor>();
        using SignalInbox signals = new();
        signals.Catch(Libc.SIGTERM, Libc.SIGINT, Libc.SIGHUP, Libc.SIGUSR1, Libc.SIGUSR2);

        using ServiceManager manager = ServiceManager.Claim(isSupervised: false);
        using Supervisor supervisor = new(
            new SupervisorOptions
            {
                Program = OwnProgram.Path,
                Arguments = ["procfs", "serve", "--supervised", .. options],
                Mount = MountPoint.Canonical(RootOptions.Mount(serve)),
                RunDirectory = runDirectory,
                Rules = new KeepingRules
                {
                    ReleaseAfter = config.ReleaseAfter,
                    Open = (device, journal, out defect) => KeptSession.TryOpen(device, journal, logger, out defect),
                    Unmount = mount => ServedMounts.Detach(runDirectory, mount, procRoot),
                    Detach = mount => ChildVerb.Start(detach, out _, isOfService: true),
                },
            },
            manager, signals, logger);
        return supervisor.Run();
    }
}
