using System.CommandLine;
using ProcFs.Serving;

namespace ProcFs.Cli;

/// <summary><c>procfs serve</c>: the daemon.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Option<bool> forParent = new("--for-parent") { Hidden = true };
        Command command = new("serve", "Mounts the files and serves them until SIGTERM, which also unmounts them.") { forParent };
        command.SetAction(parsed => (int)Daemon.Run(new DaemonOptions
        {
            ForParent = parsed.GetValue(forParent),
            Mount = RootOptions.Mount(parsed),
            CreateMount = !RootOptions.MountIsGiven(parsed),
            RunDirectory = RootOptions.RunDirectory(parsed),
            Roots = RootOptions.Roots(parsed),
            Config = RootOptions.Config(parsed),
        }));
        return command;
    }
}
