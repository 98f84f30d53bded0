using System.CommandLine;
using ProcFs.Configuration;
using ProcFs.Metrics;
using ProcFs.Serving;

namespace ProcFs.Cli;

/// <summary><c>procfs serve</c>: the daemon.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Option<bool> forParent = new("--for-parent") { Hidden = true };
        Option<bool> supervised = new("--supervised") { Hidden = true };
        Option<bool> unmount = new("--unmount") { Description = "a real goodbye instead: unmounts, and ends what keeps the mount for a next daemon" };
        Option<string?> metrics = new("--metrics") { Description = "where its metrics are served: unix:/path, 127.0.0.1:PORT or [::1]:PORT", HelpName = "ADDRESS" };
        Option<string?> context = new("--selinux-context") { Description = "the SELinux label of a new mount, where SELinux is in use", HelpName = "LABEL" };
        Command command = new("serve", "Serves the files: carries on where the last daemon ended, or mounts them.") { forParent, supervised, unmount, metrics, context };
        command.Validators.Add(result =>
        {
            if (result.GetValue(metrics) is { } address && MetricsAddress.Parse(address) is null)
            {
                result.AddError($"--metrics must be {MetricsAddress.Expected}; not \"{address}\"");
            }

            if (result.GetValue(context) is { } label && !SelinuxLabel.IsLabel(label))
            {
                result.AddError($"--selinux-context must be {SelinuxLabel.Expected}; not \"{label}\"");
            }

            if (result.GetResult(unmount) is not null && (result.GetResult(supervised) is not null || result.GetResult(forParent) is not null))
            {
                result.AddError("--unmount ends a mount for good, and goes with procfs serve alone");
            }
        });
        command.SetAction(parsed => (int)(parsed.GetValue(unmount) ? Goodbye.Say(Options(parsed)) : Daemon.Run(Options(parsed))));
        return command;

        DaemonOptions Options(ParseResult parsed)
        {
            ProcFsConfig config = Config(parsed, out string? defect);
            return new DaemonOptions
            {
                ForParent = parsed.GetValue(forParent),
                IsSupervised = parsed.GetValue(supervised),
                Mount = RootOptions.Mount(parsed),
                CreateMount = !RootOptions.MountIsGiven(parsed),
                RunDirectory = RootOptions.RunDirectory(parsed),
                Roots = RootOptions.Roots(parsed),
                Config = With(config, parsed.GetValue(metrics), parsed.GetValue(context)),
                ConfigDefect = defect,
                ConfigFile = RootOptions.ConfigPath(parsed) ?? ConfigFile.DefaultPath,
                LoadConfig = () => With(RootOptions.Config(parsed), parsed.GetValue(metrics), parsed.GetValue(context)),
                RootArguments = RootOptions.Arguments(parsed),
            };
        }
    }

    /// <summary>What an option says counts before the configuration.</summary>
    private static ProcFsConfig With(ProcFsConfig config, string? address, string? context) => config with
    {
        Metrics = address is null ? config.Metrics : MetricsAddress.Parse(address),
        SelinuxContext = context ?? config.SelinuxContext,
    };

    /// <summary>What somebody is just writing must not end a mount that is in use: for one that is to be taken over, what was used before will do.</summary>
    private static ProcFsConfig Config(ParseResult parsed, out string? defect)
    {
        string runDirectory = RootOptions.RunDirectory(parsed);
        string mount = RootOptions.Mount(parsed);
        try
        {
            defect = null;
            return RootOptions.Config(parsed);
        }
        catch (Failure failure) when (LastConfig.IsUsable(runDirectory, mount, RootOptions.Roots(parsed).Proc))
        {
            defect = failure.Message;
            return RootOptions.Config(parsed, LastConfig.PathOf(runDirectory, mount));
        }
    }
}
