using System.Globalization;

namespace ProcFs.Hook.Attaching;

/// <summary>The file "connections" of the run directory: a line for each connection that was made, boot id, blank, device minor.</summary>
public static class ConnectionList
{
    /// <summary>The minors of all connections since this boot; none when the file is not there. Lines that are not of this form are passed over.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static IReadOnlySet<uint> MinorsSinceBoot(string runDirectory, string procRoot)
    {
        HashSet<uint> minors = [];
        try
        {
            string boot = File.ReadAllText(procRoot + "/sys/kernel/random/boot_id").Trim();
            foreach (string line in File.ReadLines(RunDirectory.Connections(runDirectory)))
            {
                int blank = line.IndexOf(' ', StringComparison.Ordinal);
                if (blank > 0 && line.AsSpan(0, blank).SequenceEqual(boot)
                    && uint.TryParse(line.AsSpan(blank + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint minor))
                {
                    minors.Add(minor);
                }
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // No connection was ever made here.
        }

        return minors;
    }
}
