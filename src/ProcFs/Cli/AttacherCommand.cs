using System.CommandLine;
using ProcFs.Privileges;
using ProcFs.Serving;

namespace ProcFs.Cli;

/// <summary>Not for people: what a daemon has done by a process of its own, because it needs capabilities that the daemon gives up.</summary>
internal static class AttacherCommand
{
    public static Command Create()
    {
        Command command = new(Separation.AttacherVerb);
        command.Hidden = true;
        command.SetAction(parsed => AttacherProcess.Run(
            ServedMounts.PlacesOf(RootOptions.Mount(parsed), RootOptions.RunDirectory(parsed), RootOptions.Roots(parsed).Proc, RootOptions.Arguments(parsed))));
        return command;
    }
}
