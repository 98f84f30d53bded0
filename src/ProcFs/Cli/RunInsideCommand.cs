using System.CommandLine;
using ProcFs.Trial;

namespace ProcFs.Cli;

/// <summary>Not for people: what <c>procfs run</c> starts inside the namespaces it makes.</summary>
internal static class RunInsideCommand
{
    public static Command Create()
    {
        Option<string[]> enter = new("--enter") { Arity = ArgumentArity.ZeroOrMore };
        Argument<string[]> program = new("COMMAND") { Arity = ArgumentArity.OneOrMore };
        Command command = new(TrialInside.Verb) { enter, program };
        command.Hidden = true;
        command.SetAction(parsed => TrialInside.Run(RootOptions.Mount(parsed), parsed.GetValue(enter) ?? [], parsed.GetValue(program)!));
        return command;
    }
}
