using System.Text.RegularExpressions;

namespace ProcFs.Integration.Tests.Support;

/// <summary>The FUSE mounts of this host, without touching them: a mount whose server is dead hangs whoever does.</summary>
internal static class FuseMounts
{
    private const string Control = "/sys/fs/fuse/connections";

    /// <summary>Type and source of what is mounted on a directory, topmost last.</summary>
    public static IReadOnlyList<(string Type, string Source, string Device)> On(string directory) =>
        [.. All.Where(m => m.Directory == directory).Select(m => (m.Type, m.Source, m.Device))];

    /// <summary>The number of the topmost mount on a directory and its device: the same for as long as it is the same mount.</summary>
    public static string Identity(string directory) => All.Where(m => m.Directory == directory)
        .Select(m => $"mount {m.Number}, device {m.Device}").LastOrDefault("not mounted");

    /// <summary>The directory of the file system that the topmost mount shows.</summary>
    public static string Root(string directory) => All.Where(m => m.Directory == directory).Select(m => m.Root).LastOrDefault("not mounted");

    /// <summary>The device number of the topmost mount on a directory: the same for as long as it is the same connection.</summary>
    public static string Device(string directory) => On(directory).Select(m => m.Device).LastOrDefault("not mounted");

    /// <summary>The SELinux label that the topmost mount on a directory has; null: none.</summary>
    public static string? Context(string directory)
    {
        Match label = Regex.Match(All.Last(m => m.Directory == directory).Options, "(?:^|,)context=\"?([^\",]*)");
        return label.Success ? label.Groups[1].Value : null;
    }

    /// <summary>Ends the connections behind the mounts of a directory, as an administrator does; the mounts stay.</summary>
    public static void Abort(string directory)
    {
        foreach ((_, _, string device) in On(directory).Where(m => m.Type.StartsWith("fuse", StringComparison.Ordinal)))
        {
            AbortDevice(device.Split(':')[1]);
        }
    }

    /// <summary>Takes every mount off a directory, and ends the connections behind them, with what is mounted of these elsewhere on this host.</summary>
    public static void Remove(string directory)
    {
        foreach ((string type, _, string device) in On(directory))
        {
            if (type.StartsWith("fuse", StringComparison.Ordinal))
            {
                AbortDevice(device.Split(':')[1]);
                foreach (Entry other in All.Where(m => m.Device == device && m.Directory != directory).ToArray())
                {
                    _ = Child.Run("umount", "--lazy", other.Directory);
                }
            }

            _ = Child.Run("umount", "--lazy", directory);
        }
    }

    /// <summary>The same for all directories below one.</summary>
    public static void RemoveBelow(string directory)
    {
        foreach (string mount in Below(directory))
        {
            Remove(mount);
        }
    }

    /// <summary>The directories below one that something is mounted on, the last one first.</summary>
    public static IReadOnlyList<string> Below(string directory)
        => [.. All.Select(m => m.Directory).Where(d => d.StartsWith(directory + "/", StringComparison.Ordinal)).Reverse().Distinct()];

    private static IEnumerable<Entry> All => File.ReadLines("/proc/self/mountinfo").Select(line => (Before: line.Split(" - ")[0].Split(' '), After: line.Split(" - ")[1].Split(' ')))
        .Select(m => new Entry(m.Before[0], m.Before[2], m.Before[3], Plain(m.Before[4]), m.After[0], m.After[1], m.After[2]));

    /// <summary>Without the octal escapes of proc(5).</summary>
    private static string Plain(string path) => Regex.Replace(path, @"\\([0-7]{3})", m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString());

    private static void AbortDevice(string minor)
    {
        if (!Directory.EnumerateFileSystemEntries(Control).Any())
        {
            _ = Child.Run("mount", "-t", "fusectl", "fusectl", Control);
        }

        try
        {
            File.WriteAllText($"{Control}/{minor}/abort", "1");
        }
        catch (IOException)
        {
            // The connection ended in the meantime.
        }
    }

    private sealed record Entry(string Number, string Device, string Root, string Directory, string Type, string Source, string Options);
}
