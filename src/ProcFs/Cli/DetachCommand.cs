using System.CommandLine;
using ProcFs.Attaching;

namespace ProcFs.Cli;

/// <summary><c>procfs detach</c>.</summary>
internal static class DetachCommand
{
    public static Command Create()
    {
        Argument<string[]> names = new("CONTAINER") { Description = "its id as it is registered, or the number of one of its processes", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> all = new("--all") { Description = "whatever has files of ours, live or dead; needs no daemon" };
        Command command = new("detach", "Gives containers the kernel's own files back. Single ones stay without ours until they are attached by hand.") { names, all };
        command.Validators.Add(result =>
        {
            bool isAll = result.GetValue(all);
            if (isAll == (result.GetValue(names) is { Length: > 0 }))
            {
                result.AddError(isAll ? "--all and single containers exclude each other" : "name a container or one of its processes, or say --all");
            }
        });
        command.SetAction(parsed => AttachingLog.Run(parsed, "detach", (options, logger) =>
        {
            DetachVerb verb = new(options, logger);
            return parsed.GetValue(all) ? verb.All() : verb.These(parsed.GetValue(names)!);
        }));
        return command;
    }
}
