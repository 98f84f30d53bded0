using System.CommandLine;
using ProcFs.Attaching;
using ProcFs.Hook.Hooking;

namespace ProcFs.Cli;

/// <summary><c>procfs attach</c>.</summary>
internal static class AttachCommand
{
    public static Command Create()
    {
        Argument<string[]> names = new("CONTAINER") { Description = "its id as it is registered, or the number of one of its processes", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> all = new("--all") { Description = "all registered containers, and whatever else has dead files of ours" };
        Option<string?> files = FileList.CreateOption("only these");
        (ViewWord Word, Option<string?> Option)[] choices = [.. ViewWords.All.Select(word => (word, new Option<string?>(word.Option)
        {
            Description = $"how they are shown from now on: {word.Expected}",
            HelpName = "CHOICE",
        }))];
        Command command = new("attach", "Brings the files into running containers, or back into those whose connection was lost.") { names, all, files };
        foreach ((_, Option<string?> option) in choices)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            bool isAll = result.GetValue(all);
            bool hasNames = result.GetValue(names) is { Length: > 0 };
            if (isAll == hasNames)
            {
                result.AddError(isAll ? "--all and single containers exclude each other" : "name a container or one of its processes, or say --all");
            }
            else if (isAll && (result.GetResult(files) is not null || choices.Any(choice => result.GetResult(choice.Option) is not null)))
            {
                result.AddError("--files, --cpu and the like are for single containers; for all of them there is the configuration");
            }
            else if (choices.FirstOrDefault(choice => result.GetValue(choice.Option) is { } value && !choice.Word.IsPossible(value)) is { Word: { } wrong } refused)
            {
                result.AddError($"{wrong.Option} must be {wrong.Expected}, not \"{result.GetValue(refused.Option)}\"");
            }

            FileList.Validate(result, files);
        });
        command.SetAction(parsed => AttachingLog.Run(parsed, "attach", (options, logger) =>
        {
            AttachVerb verb = new(options, logger);
            return parsed.GetValue(all) ? verb.All() : verb.These(parsed.GetValue(names)!, FileList.Parse(parsed.GetValue(files)), Chosen(parsed));
        }));
        return command;

        Dictionary<string, string> Chosen(ParseResult parsed) => choices.Where(choice => parsed.GetValue(choice.Option) is not null)
            .ToDictionary(choice => choice.Word.Name, choice => parsed.GetValue(choice.Option)!);
    }
}
