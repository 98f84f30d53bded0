using System.Globalization;
using ProcFs.Hook;

namespace ProcFs.Node;

/// <summary>
/// The versions of the program on a node: <c>versions/NAME/procfs</c>, of which the link <c>current</c> names one, and <c>previous</c> the one before. A name
/// is the version and the beginning of the file's hash, so that it never means two programs.
/// </summary>
/// <param name="places">Where they lie.</param>
internal sealed class VersionStore(NodePlaces places)
{
    private const int HashDigits = 12;
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly TimeSpan SaysItsVersionWithin = TimeSpan.FromSeconds(60);

    private string Versions => places.On(places.Directory) + "/versions";

    private string CurrentLink => places.On(places.Directory) + "/current";

    private string PreviousLink => places.On(places.Directory) + "/previous";

    /// <summary>The name of the version in use; null: none is.</summary>
    public string? Current => Target(CurrentLink);

    /// <summary>The one before; null: there is none.</summary>
    public string? Previous => Target(PreviousLink);

    /// <summary>Has a program among the versions, and proves that it can be run from there. What is there already is not copied again.</summary>
    /// <param name="program">The bytes of the program.</param>
    /// <param name="isNew">Whether it was copied.</param>
    /// <returns>Its name.</returns>
    /// <exception cref="Failure">There is no room, or it cannot be run from there.</exception>
    public string Put(byte[] program, out bool isNew)
    {
        string hash = Sha256.Hex(program)[..HashDigits];
        string draft = Versions + "/.new";
        try
        {
            Directory.CreateDirectory(Versions);
            string? there = Named(hash);
            isNew = there is null || !Has(there, program.Length);
            if (!isNew)
            {
                return there!;
            }

            if (there is not null)
            {
                NodeFile.RemoveTree($"{Versions}/{there}"); // somebody has taken a part of it away
            }

            NodeFile.RemoveTree(draft); // of somebody who was interrupted
            Directory.CreateDirectory(draft);
            File.WriteAllBytes(draft + "/procfs", program);
            File.SetUnixFileMode(draft + "/procfs", Executable);
            File.CreateSymbolicLink(draft + "/" + HookProgram.RuntimeName, "procfs");
            string name = $"{VersionOf(draft + "/procfs")}-{hash}";
            Directory.Move(draft, $"{Versions}/{name}");
            return name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot install into {places.Directory}: {exception.Message}; choose a directory that can be written with --directory");
        }
    }

    /// <summary>Whether a version is there whole, going by the size of its program.</summary>
    public bool Has(string name, long bytes) => new FileInfo(ProgramOf(name)) is { Exists: true } file && file.Length == bytes && Path.Exists($"{Versions}/{name}/{HookProgram.RuntimeName}");

    /// <summary>Where a version's program lies, to be opened.</summary>
    public string ProgramOf(string name) => $"{Versions}/{name}/procfs";

    /// <summary>From now on this version is the one that is started. False: it was before.</summary>
    public bool Switch(string name)
    {
        string? before = Current;
        if (before == name)
        {
            return false;
        }

        if (before is not null)
        {
            NodeFile.Link(PreviousLink, "versions/" + before);
        }

        NodeFile.Link(CurrentLink, "versions/" + name);
        return true;
    }

    /// <summary>Removes all but the current version and the one before.</summary>
    public void Prune()
    {
        foreach (string directory in Directory.GetDirectories(Versions).Where(path => Path.GetFileName(path) is { } name && name != Current && name != Previous))
        {
            NodeFile.RemoveTree(directory); // a process that still runs from there keeps its file
        }
    }

    /// <summary>The version that a process runs; null: it is gone, or it was not started from here.</summary>
    public string? RunBy(int pid)
    {
        string link = string.Create(CultureInfo.InvariantCulture, $"{places.ProcRoot}/{pid}/exe");
        string? file = null;
        try
        {
            file = new FileInfo(link).LinkTarget;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended.
        }

        const string deleted = " (deleted)";
        file = file?.EndsWith(deleted, StringComparison.Ordinal) == true ? file[..^deleted.Length] : file;
        // The directory may be reached by way of a link, as /opt is to /var/opt.
        string? name = file is not null && Path.GetFileName(file) == "procfs" ? Path.GetFileName(Path.GetDirectoryName(file)) : null;
        return name is not null && file!.EndsWith($"{places.Directory}/versions/{name}/procfs", StringComparison.Ordinal) ? name : null;
    }

    private static string? Target(string link)
    {
        try
        {
            return Path.GetFileName(new FileInfo(link).LinkTarget);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Named(string hash) => Directory.GetDirectories(Versions, "*-" + hash).Select(Path.GetFileName).FirstOrDefault();

    /// <summary>What the program says of itself, as part of a name. It also proves that it can be run from there.</summary>
    private string VersionOf(string program)
    {
        ToolResult said;
        try
        {
            said = NodeTool.Run([program, "--version"], SaysItsVersionWithin);
        }
        catch (Failure failure)
        {
            throw new Failure(ExitCode.Impossible, $"{failure.Message}; if {places.Directory} lies on a file system without programs (noexec), choose another directory with --directory");
        }

        return said is { ExitCode: 0, Output.Length: > 0 }
            ? string.Concat(said.Output.Split('\n')[0].Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '+' or '~' ? character : '_'))
            : throw new Failure(ExitCode.Failed, $"the program does not run from {places.Directory}: {said.Output.ReplaceLineEndings(" ")}");
    }
}
