using System.CommandLine;
using ProcFs.Attaching;

namespace ProcFs.Cli;

/// <summary><c>procfs off</c> and <c>procfs on</c>.</summary>
internal static class SwitchCommands
{
    public static IEnumerable<Command> Create() =>
    [
        Create("off", "Has files show the host's values, in all containers or in some, until procfs on; they stay attached.", isOff: true),
        Create("on", "Has files show the container's values again.", isOff: false),
    ];

    private static Command Create(string name, string description, bool isOff)
    {
        Argument<string[]> names = new("CONTAINER") { Description = "its id as it is registered, or the number of one of its processes", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> all = new("--all") { Description = "all containers of this mount, those that start later among them" };
        Option<string?> files = FileList.CreateOption("these files only");
        Command command = new(name, description) { names, all, files };
        command.Validators.Add(result =>
        {
            bool isAll = result.GetValue(all);
            if (isAll == (result.GetValue(names) is { Length: > 0 }))
            {
                result.AddError(isAll ? "--all and single containers exclude each other" : "name a container or one of its processes, or say --all");
            }

            FileList.Validate(result, files);
        });
        command.SetAction(parsed => AttachingLog.Run(parsed, name, (options, logger) =>
        {
            SwitchVerb verb = new(options, RootOptions.Mount(parsed), isOff, logger);
            string[]? list = FileList.Parse(parsed.GetValue(files));
            return parsed.GetValue(all) ? verb.All(list) : verb.These(parsed.GetValue(names)!, list);
        }));
        return command;
    }
}
