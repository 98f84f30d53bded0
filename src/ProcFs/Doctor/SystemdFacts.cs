namespace ProcFs.Doctor;

/// <summary>What systemd's files on disk say: whether it is the manager, and what our units are with their drop-ins. systemd itself is asked nothing.</summary>
internal sealed class SystemdFacts(HostFiles files)
{
    /// <summary>From the strongest to the weakest (systemd.unit(5)).</summary>
    private static readonly string[] Directories =
    [
        "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient", "/etc/systemd/system", "/run/systemd/system",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    ];

    /// <summary>As sd_booted(3) tells it.</summary>
    public bool IsManager => files.Exists("/run/systemd/system");

    /// <summary>A unit with its drop-ins; null: it is not installed.</summary>
    public UnitFile? Unit(string name)
    {
        string? path = Directories.Select(directory => $"{directory}/{name}").FirstOrDefault(files.Exists);
        if (path is null)
        {
            return null;
        }

        if (files.Read(path) is not { } text || text.Length == 0)
        {
            return new UnitFile(path, IsMasked: true, []); // a link to /dev/null, or an empty file
        }

        List<UnitSetting> settings = [.. UnitFile.Parse(text, path)];
        string type = name[(name.LastIndexOf('.') + 1)..] + ".d";
        // Of one name the strongest counts; they are read in the order of their names.
        IEnumerable<string> dropIns = Directories.SelectMany(directory => files.List($"{directory}/{name}.d", ".conf"))
            .Concat(Directories.SelectMany(directory => files.List($"{directory}/{type}", ".conf")))
            .DistinctBy(Path.GetFileName).OrderBy(Path.GetFileName, StringComparer.Ordinal);
        foreach (string dropIn in dropIns)
        {
            settings.AddRange(UnitFile.Parse(files.Read(dropIn) ?? "", dropIn));
        }

        return new UnitFile(path, IsMasked: false, settings);
    }

    /// <summary>Whether a unit is wanted by another, as systemctl enable makes it.</summary>
    public bool IsEnabled(string name) => Directories.Any(directory => files.List(directory, ".wants").Concat(files.List(directory, ".requires"))
        .Any(wants => files.List(wants, ".service").Any(path => Path.GetFileName(path) == name)));

    /// <summary>Whether systemd is what starts and ends the daemon of this run directory.</summary>
    public bool HasUnitFor(string runDirectory)
        => IsManager && runDirectory == Cli.RootOptions.DefaultRunDirectory && Unit("procfs.service") is { IsMasked: false };
}

/// <summary>A unit.</summary>
/// <param name="Path">Its main file.</param>
/// <param name="IsMasked">It cannot be started.</param>
/// <param name="Settings">In the order in which they are read, those of drop-ins behind.</param>
internal sealed record UnitFile(string Path, bool IsMasked, IReadOnlyList<UnitSetting> Settings)
{
    /// <summary>What counts of a key that has one value: the last one. Null: nobody says.</summary>
    public UnitSetting? Last(string key) => Settings.LastOrDefault(setting => setting.Key == key);

    /// <summary>The assignments of a unit file, whatever section they are in; a line that ends in a backslash goes on in the next.</summary>
    public static IEnumerable<UnitSetting> Parse(string text, string file)
    {
        foreach (string line in text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n').Select(line => line.Trim()))
        {
            int sign = line.IndexOf('=', StringComparison.Ordinal);
            if (sign > 0 && line[0] is not ('#' or ';' or '['))
            {
                yield return new UnitSetting(line[..sign].TrimEnd(), line[(sign + 1)..].TrimStart(), file);
            }
        }
    }
}

/// <summary>One assignment in a unit file.</summary>
/// <param name="Key">As "PrivateTmp".</param>
/// <param name="Value">As it is written.</param>
/// <param name="File">The unit or drop-in.</param>
internal sealed record UnitSetting(string Key, string Value, string File);
