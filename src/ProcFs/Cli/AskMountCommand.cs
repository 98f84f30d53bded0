using System.CommandLine;
using ProcFs.Serving;

namespace ProcFs.Cli;

/// <summary>Not for people: how the daemon looks at a mount that may be dead without waiting for it itself.</summary>
internal static class AskMountCommand
{
    public static Command Create()
    {
        Argument<string> mount = new("DIR");
        Command command = new(MountQuestion.Verb) { mount };
        command.Hidden = true;
        command.SetAction(parsed => MountQuestion.Answer(parsed.GetValue(mount)!));
        return command;
    }
}
