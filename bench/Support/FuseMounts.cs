using System.Text.RegularExpressions;

namespace ProcFs.Bench;

/// <summary>What is mounted, by mountinfo alone: a path on a mount whose server is dead hangs whoever touches it.</summary>
internal static partial class FuseMounts
{
    private const string Control = "/sys/fs/fuse/connections";

    /// <summary>The number of the FUSE connection that is mounted on a directory, which is the minor of its device; null when there is none.</summary>
    public static uint? ConnectionOf(string directory) => All()
        .Where(m => m.Directory == directory && m.Type.StartsWith("fuse", StringComparison.Ordinal)).Select(m => (uint?)m.Minor).LastOrDefault();

    /// <summary>Ends every connection that is mounted below a directory, and takes all mounts off there, the last one first.</summary>
    public static void RemoveBelow(string directory)
    {
        foreach (Entry entry in All().Where(m => m.Directory.StartsWith(directory + "/", StringComparison.Ordinal)).Reverse().ToArray())
        {
            if (entry.Type.StartsWith("fuse", StringComparison.Ordinal) && entry.Type != "fusectl")
            {
                Abort(entry.Minor);
            }

            _ = Child.Run("umount", "--lazy", entry.Directory);
        }
    }

    /// <summary>Is something mounted below this directory?</summary>
    public static bool AnyBelow(string directory) => All().Any(m => m.Directory.StartsWith(directory + "/", StringComparison.Ordinal));

    private static void Abort(uint minor)
    {
        if (!Directory.Exists($"{Control}/{minor}"))
        {
            _ = Child.Run("mount", "-t", "fusectl", "fusectl", Control); // fails where it is mounted already
        }

        try
        {
            File.WriteAllText($"{Control}/{minor}/abort", "1");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
        }
    }

    private static IEnumerable<Entry> All() => File.ReadLines("/proc/self/mountinfo")
        .Select(line => (Before: line.Split(" - ")[0].Split(' '), After: line.Split(" - ")[1].Split(' ')))
        .Select(m => new Entry(uint.Parse(m.Before[2].Split(':')[1], System.Globalization.CultureInfo.InvariantCulture), Plain(m.Before[4]), m.After[0]));

    /// <summary>Without the octal escapes of proc(5).</summary>
    private static string Plain(string path) => Escape().Replace(path, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Escape();

    private sealed record Entry(uint Minor, string Directory, string Type);
}
