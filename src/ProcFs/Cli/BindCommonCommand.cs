using System.CommandLine;
using ProcFs.Privileges;

namespace ProcFs.Cli;

/// <summary>Not for people: how the daemon binds a directory of its own mount without looking at it itself.</summary>
internal static class BindCommonCommand
{
    public static Command Create()
    {
        Argument<string> source = new("SOURCE");
        Argument<string> target = new("TARGET");
        Command command = new(CommonBind.Verb) { source, target };
        command.Hidden = true;
        command.SetAction(parsed => CommonBind.MakeHere(parsed.GetValue(source)!, parsed.GetValue(target)!, RootOptions.Roots(parsed).Proc));
        return command;
    }
}
