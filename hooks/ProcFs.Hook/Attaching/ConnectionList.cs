using System.Globalization;

namespace ProcFs.Hook.Attaching;

/// <summary>
/// The file "connections" of the run directory: a line for each connection that was made, with boot id, device minor, mark and session. Earlier versions
/// wrote the first two alone.
/// </summary>
public static class ConnectionList
{
    /// <summary>How to know mounts of a session: by its connections since this boot; none when the file is not there. Lines of another form are passed over.</summary>
    /// <param name="runDirectory">Where the file is.</param>
    /// <param name="procRoot">Whose boot it is.</param>
    /// <param name="live">The device minor of the connection that is served now; 0: none is.</param>
    /// <param name="session">The name of its mount point, which is also that of the private mount; null: all sessions of this run directory.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static OwnMounts Read(string runDirectory, string procRoot, uint live, string? session)
    {
        HashSet<uint> minors = [];
        HashSet<(uint, uint)> marked = [];
        try
        {
            string boot = File.ReadAllText(procRoot + "/sys/kernel/random/boot_id").Trim();
            foreach (string line in File.ReadLines(RunDirectory.Connections(runDirectory)))
            {
                string[] fields = line.Split(' ');
                if (fields.Length is not (2 or 4) || fields[0] != boot || !TryParse(fields[1], out uint minor))
                {
                    continue;
                }

                if (fields.Length == 2)
                {
                    minors.Add(minor);
                }
                else if (TryParse(fields[2], out uint mark) && (session is null || fields[3] == session))
                {
                    _ = mark == 0 ? minors.Add(minor) : marked.Add((minor, mark));
                }
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            // No connection was ever made here.
        }

        return new OwnMounts(live, minors) { Marked = marked };
    }

    private static bool TryParse(string field, out uint number) => uint.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
