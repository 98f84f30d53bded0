using System.CommandLine;
using System.CommandLine.Parsing;
using ProcFs.Files;
using ProcFs.Hook.Attaching;

namespace ProcFs.Cli;

/// <summary>The option --files: "meminfo,cpu" or "meminfo,cpu/online".</summary>
internal static class FileList
{
    public static Option<string?> CreateOption(string description) => new("--files") { Description = $"{description}, with commas between: meminfo,stat,cpu", HelpName = "LIST" };

    /// <summary>Has a name that is not served told.</summary>
    public static void Validate(CommandResult result, Option<string?> option)
    {
        if (Parse(result.GetValue(option), out string? unknown) is null && unknown is not null)
        {
            result.AddError($"--files: \"{unknown}\" is not served; served are {string.Join(", ", ProcFiles.All.Select(entry => entry.File.Path).Append(CpuDirectory.Name))}");
        }
    }

    /// <summary>As paths; null when none are given or one is not known.</summary>
    public static string[]? Parse(string? list) => Parse(list, out _);

    private static string[]? Parse(string? list, out string? unknown)
    {
        unknown = null;
        List<string> paths = [];
        foreach (string name in list?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            // "cpu" is the directory of the CPUs, in whole.
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
