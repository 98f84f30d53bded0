namespace ProcFs.Integration.Tests.Support;

/// <summary>The FUSE mounts of this host, without touching them: a mount whose server is dead hangs whoever does.</summary>
internal static class FuseMounts
{
    private const string Control = "/sys/fs/fuse/connections";

    /// <summary>Type and source of what is mounted on a directory, topmost last.</summary>
    public static IReadOnlyList<(string Type, string Source, string Device)> On(string directory) => [.. File.ReadLines("/proc/self/mountinfo")
        .Select(line => (Before: line.Split(" - ")[0].Split(' '), After: line.Split(" - ")[1].Split(' ')))
        .Where(m => m.Before[4] == directory)
        .Select(m => (m.After[0], m.After[1], m.Before[2]))];

    /// <summary>The number of the topmost mount on a directory and its device: the same for as long as it is the same mount.</summary>
    public static string Identity(string directory) => File.ReadLines("/proc/self/mountinfo").Select(l => l.Split(' ')).Where(f => f[4] == directory)
        .Select(f => $"mount {f[0]}, device {f[2]}").LastOrDefault("not mounted");

    /// <summary>The device number of the topmost mount on a directory: the same for as long as it is the same connection.</summary>
    public static string Device(string directory) => On(directory).Select(m => m.Device).LastOrDefault("not mounted");

    /// <summary>Ends the connections behind the mounts of a directory, as an administrator does; the mounts stay.</summary>
    public static void Abort(string directory)
    {
        foreach ((_, _, string device) in On(directory).Where(m => m.Type.StartsWith("fuse", StringComparison.Ordinal)))
        {
            AbortDevice(device.Split(':')[1]);
        }
    }

    /// <summary>Takes every mount off a directory, and ends the connections behind them.</summary>
    public static void Remove(string directory)
    {
        foreach ((string type, _, string device) in On(directory))
        {
            if (type.StartsWith("fuse", StringComparison.Ordinal))
            {
                AbortDevice(device.Split(':')[1]);
            }

            _ = Child.Run("umount", "--lazy", directory);
        }
    }

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
}
