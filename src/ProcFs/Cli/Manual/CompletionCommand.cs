using System.CommandLine;

namespace ProcFs.Cli.Manual;

/// <summary>Not for people: what bash offers, for packages.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        Command command = new("completion", "Writes a script that completes procfs's verbs and options in bash.") { Hidden = true };
        command.SetAction((Action<ParseResult>)(_ => Console.Out.Write(BashCompletion.Of(CommandLine.Build()))));
        return command;
    }
}
