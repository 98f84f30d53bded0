using System.Buffers;
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
    private const string VersionsName = "versions";
    private const string CurrentName = "current";
    private const string PreviousName = "previous";
    private const string TrialName = ".procfs-trial";
    private const string ProgramName = "procfs";
    private const string DraftName = ".new";
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] LinkNames = [CurrentName, PreviousName, CurrentName + NodeFile.NewLink, PreviousName + NodeFile.NewLink];

    private static readonly string[] NoteNames = [TrialName, NodeFile.DraftOf(TrialName)];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private static readonly TimeSpan SaysItsVersionWithin = TimeSpan.FromSeconds(60);

    /// <summary>What <see cref="VersionTrial"/> notes.</summary>
    public string TrialFile => $"{places.On(places.Directory)}/{TrialName}";

    private string Versions => $"{places.On(places.Directory)}/{VersionsName}";

    private string CurrentLink => $"{places.On(places.Directory)}/{CurrentName}";

    private string PreviousLink => $"{places.On(places.Directory)}/{PreviousName}";

    private string Draft => $"{Versions}/{DraftName}";

    private IEnumerable<string> VersionDirectories => NodeFile.DirectoriesIn(Versions).Where(path => IsVersion(Path.GetFileName(path)));

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
                RemoveVersion($"{Versions}/{there}"); // somebody has taken a part of it away
            }

            RemoveVersion(Draft); // of somebody who was interrupted
            Directory.CreateDirectory(Draft);
            string file = $"{Draft}/{ProgramName}";
            NodeFile.WriteNew(file, program, Executable);
            File.CreateSymbolicLink($"{Draft}/{HookProgram.RuntimeName}", ProgramName);
            string name = $"{VersionOf(file)}-{hash}";
            // All that will lead to it outlives a loss of power: so must it, first.
            NodeFile.Synchronize(Draft);
            MoveDraft($"{Versions}/{name}");
            NodeFile.Synchronize(Versions);
            return name;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new Failure(ExitCode.Failed, $"cannot install into {places.Directory}: {exception.Message}; choose a directory that can be written with --directory");
        }
    }

    /// <summary>Where somebody's file has kept the directory of a version that was removed, ours go beside it.</summary>
    private void MoveDraft(string place)
    {
        if (!Directory.Exists(place))
        {
            Directory.Move(Draft, place);
            return;
        }

        // The program last: with it the version is there.
        foreach (string name in new[] { HookProgram.RuntimeName, ProgramName })
        {
            File.Move($"{Draft}/{name}", $"{place}/{name}", overwrite: true);
        }

        NodeFile.Synchronize(place);
        NodeFile.RemoveEmpty(Draft);
    }

    /// <summary>Whether a version is there whole, going by the size of its program.</summary>
    public bool Has(string name, long bytes) => new FileInfo(ProgramOf(name)) is { Exists: true } file && file.Length == bytes && Path.Exists($"{Versions}/{name}/{HookProgram.RuntimeName}");

    /// <summary>Where a version's program lies, to be opened.</summary>
    public string ProgramOf(string name) => $"{Versions}/{name}/{ProgramName}";

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
            NodeFile.Link(PreviousLink, $"{VersionsName}/{before}");
        }

        NodeFile.Link(CurrentLink, $"{VersionsName}/{name}");
        return true;
    }

    /// <summary>Removes all but the current version and the one before.</summary>
    public void Prune()
    {
        foreach (string directory in VersionDirectories.Where(path => Path.GetFileName(path) is { } name && name != Current && name != Previous))
        {
            RemoveVersion(directory); // a process that still runs from there keeps its file
        }
    }

    /// <summary>Refuses a directory that has other things in it, before the first version comes there.</summary>
    /// <exception cref="Failure">It has.</exception>
    public void RefuseForeign()
    {
        if (Current is null && Foreign() is { } first)
        {
            throw new Failure(ExitCode.Impossible, $"{places.Directory} has {first} in it, which procfs node did not put there: give it a directory of its own with --directory ({places.Directory}/procfs)");
        }
    }

    /// <summary>
    /// Removes all versions and links, each by its name, and the directory when nothing else is in it. One in which nothing was ever installed stays, also when it is empty.
    /// </summary>
    /// <exception cref="Failure">Something cannot be removed.</exception>
    public void RemoveAll()
    {
        bool isOurs = Current is not null || VersionDirectories.Any();
        // First: a note of what is gone would be believed.
        foreach (string note in NoteNames)
        {
            NodeFile.Delete($"{places.On(places.Directory)}/{note}");
        }

        foreach (string link in LinkNames.Select(name => $"{places.On(places.Directory)}/{name}").Where(link => Target(link) is not null))
        {
            NodeFile.Delete(link);
        }

        foreach (string directory in VersionDirectories)
        {
            RemoveVersion(directory);
        }

        if (isOurs)
        {
            NodeFile.RemoveEmpty(Versions);
            NodeFile.RemoveEmpty(places.On(places.Directory));
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
        string? name = file is not null && Path.GetFileName(file) == ProgramName ? Path.GetFileName(Path.GetDirectoryName(file)) : null;
        return name is not null && file!.EndsWith($"{places.Directory}/{VersionsName}/{name}/{ProgramName}", StringComparison.Ordinal) ? name : null;
    }

    /// <summary>What in the directory is not ours, by its path in it; null: all is.</summary>
    private string? Foreign()
        => NodeFile.EntriesIn(places.On(places.Directory)).Where(path => Path.GetFileName(path) is var name && name != VersionsName && !NoteNames.Contains(name) && !(LinkNames.Contains(name) && Target(path) is not null))
            .Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal).FirstOrDefault()
        ?? NodeFile.EntriesIn(Versions).Except(VersionDirectories).Select(path => $"{VersionsName}/{Path.GetFileName(path)}").Order(StringComparer.Ordinal).FirstOrDefault();

    /// <summary>Whether a directory's name is that of a version, or of one that is being copied.</summary>
    private static bool IsVersion(string name)
        => name == DraftName || (name.LastIndexOf('-') is > 0 and int dash && name.Length - dash - 1 == HashDigits && name.AsSpan(dash + 1).IndexOfAnyExcept(Digits) < 0);

    private static void RemoveVersion(string directory)
    {
        NodeFile.Delete($"{directory}/{ProgramName}");
        NodeFile.Delete($"{directory}/{HookProgram.RuntimeName}");
        NodeFile.RemoveEmpty(directory);
    }

    /// <summary>The name of the version that a link of ours leads to; null: it leads elsewhere, or is none.</summary>
    private static string? Target(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget is { } target && Path.GetFileName(Path.GetDirectoryName(target)) == VersionsName ? Path.GetFileName(target) : null;
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
