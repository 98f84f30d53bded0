using ProcFs.Cli;
using ProcFs.Configuration;

namespace ProcFs.Node;

/// <summary>Where things lie on a node.</summary>
/// <param name="Directory">Of the installed program, absolute.</param>
/// <param name="Root">Put before every path that is opened; empty on a real node. What is written into files is without it.</param>
internal sealed record NodePlaces(string Directory, string Root = "")
{
    public const string DefaultDirectory = "/opt/procfs";

    /// <summary>The end of the program's path, in whatever directory.</summary>
    public const string ProgramBelow = "/current/procfs";

    /// <summary>The same of the program as a runtime.</summary>
    public const string RuntimeBelow = "/current/procfs-runtime";

    /// <summary>The program that runs: the same path in every version, so that nothing else has to change with one.</summary>
    public string Program => Directory + ProgramBelow;

    /// <summary>The same as a runtime for containerd.</summary>
    public string Runtime => Directory + RuntimeBelow;

    /// <summary>Of the service's own options that lie in a file.</summary>
    public string Configuration => On(ConfigFile.DefaultPath);

    public string RunDirectory => On(RootOptions.DefaultRunDirectory);

    public string ProcRoot => On("/proc");

    /// <summary>A path as it has to be opened.</summary>
    public string On(string path) => Root + path;

    /// <summary>Why a directory cannot be used, in one sentence; null: it can. It becomes part of units, of JSON and of TOML.</summary>
    /// <param name="directory">What was said.</param>
    /// <param name="name">By which option or variable.</param>
    public static string? Refuse(string directory, string name = "--directory")
        => directory.Length > 1 && directory.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '_' or '-' or '.') && directory[0] == '/'
            && Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)) == directory
            ? null
            : $"{name} must be an absolute path of letters, digits and the characters _ - . without a slash at its end, not \"{directory}\"";
}
