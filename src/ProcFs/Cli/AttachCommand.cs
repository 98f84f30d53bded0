using System.CommandLine;
using ProcFs.Attaching;
using ProcFs.Containers;
using ProcFs.Files;
using ProcFs.Hook.Attaching;

namespace ProcFs.Cli;

/// <summary><c>procfs attach</c>.</summary>
internal static class AttachCommand
{
    public static Command Create()
    {
        Argument<string[]> names = new("CONTAINER") { Description = "its id as it is registered, or the number of one of its processes", Arity = ArgumentArity.ZeroOrMore };
        Option<bool> all = new("--all") { Description = "all registered containers, and whatever else has dead files of ours" };
        Option<string?> files = new("--files") { Description = "only these, with commas between: meminfo,stat,cpu", HelpName = "LIST" };
        Option<string?> cpu = new("--cpu") { Description = "the CPUs they see: quota, cpuset, all or a number", HelpName = "VIEW" };
        Command command = new("attach", "Brings the files into running containers, or back into those whose connection was lost.") { names, all, files, cpu };
        command.Validators.Add(result =>
        {
            bool isAll = result.GetValue(all);
            bool hasNames = result.GetValue(names) is { Length: > 0 };
            if (isAll == hasNames)
            {
                result.AddError(isAll ? "--all and single containers exclude each other" : "name a container or one of its processes, or say --all");
            }
            else if (isAll && (result.GetResult(files) is not null || result.GetResult(cpu) is not null))
            {
                result.AddError("--files and --cpu are for single containers");
            }
            else if (result.GetValue(cpu) is { } view && CpuPolicy.Parse(view) is null)
            {
                result.AddError($"--cpu must be {CpuPolicy.Allowed}, not \"{view}\"");
            }
            else if (FilesOf(result.GetValue(files), out string? unknown) is null && unknown is not null)
            {
                result.AddError($"--files: \"{unknown}\" is not served; served are {string.Join(", ", ProcFiles.All.Select(entry => entry.File.Path).Append(CpuDirectory.Name))}");
            }
        });
        command.SetAction(parsed => AttachingLog.Run(parsed, "attach", (options, logger) =>
        {
            AttachVerb verb = new(options, logger);
            return parsed.GetValue(all) ? verb.All() : verb.These(parsed.GetValue(names)!, FilesOf(parsed.GetValue(files), out _), parsed.GetValue(cpu));
        }));
        return command;
    }

    /// <summary>"meminfo,cpu/online" as paths; null when none are given or one is not known.</summary>
    private static string[]? FilesOf(string? list, out string? unknown)
    {
        unknown = null;
        List<string> paths = [];
        foreach (string name in list?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            string? path = ("/" + CpuDirectory.Name).EndsWith("/" + name.Trim('/'), StringComparison.Ordinal) ? CpuDirectory.Name : ProcFiles.Find(name)?.Path;
            if (path is null)
            {
                unknown = name;
                return null;
            }

            paths.Add(path);
        }

        return list is null ? null : [.. paths];
    }
}
