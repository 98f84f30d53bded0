using System.CommandLine;
using System.CommandLine.Parsing;
using ProcFs.Files;

namespace ProcFs.Cli;

/// <summary>The option --files: "meminfo,cpu/online".</summary>
internal static class FileList
{
    public static Option<string?> CreateOption(string description) => new("--files") { Description = $"{description}, with commas between: meminfo,stat,cpu/online", HelpName = "LIST" };

    /// <summary>Has a name that is not served told.</summary>
    public static void Validate(CommandResult result, Option<string?> option)
    {
        if (Parse(result.GetValue(option), out string? unknown) is null && unknown is not null)
        {
            result.AddError($"--files: \"{unknown}\" is not served; served are {string.Join(", ", ProcFiles.All.Select(entry => entry.File.Path))}");
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
            if (ProcFiles.Find(name) is not { } file)
            {
                unknown = name;
                return null;
            }

            paths.Add(file.Path);
        }

        return list is null ? null : [.. paths];
    }
}
