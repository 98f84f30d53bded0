using System.Globalization;
using System.Text.RegularExpressions;

namespace ProcFs.Bench;

/// <summary>
/// Counts the requests that the kernel sends on FUSE connections, by the kernel's own trace points (fuse:fuse_request_send, Linux 6.11). In a
/// trace instance of its own, so that nobody else's tracing is touched.
/// </summary>
internal sealed partial class RequestTrace : IDisposable
{
    private const string Event = "events/fuse/fuse_request_send";

    private readonly string _instance;

    private RequestTrace(string instance) => _instance = instance;

    /// <summary>Starts to count; null where the kernel has no such trace points, or does not let us.</summary>
    public static RequestTrace? Start(Site site)
    {
        string tracing = MountOf(site.Scratch);
        if (!Directory.Exists(tracing))
        {
            Directory.CreateDirectory(tracing);
            if (Child.Run("mount", "-t", "tracefs", "tracefs", tracing).ExitCode != 0)
            {
                return null;
            }
        }

        if (!Directory.Exists($"{tracing}/{Event}"))
        {
            return null;
        }

        string instance = $"{tracing}/instances/{Path.GetFileName(site.Scratch)}";
        Directory.CreateDirectory(instance);
        File.WriteAllText($"{instance}/{Event}/enable", "1");
        return new RequestTrace(instance);
    }

    /// <summary>The requests so far: connection, opcode ("READ"), how many.</summary>
    public IReadOnlyDictionary<(uint Connection, string Opcode), int> Count()
    {
        File.WriteAllText($"{_instance}/{Event}/enable", "0");
        Dictionary<(uint, string), int> counts = [];
        foreach (string line in File.ReadLines($"{_instance}/trace"))
        {
            if (Line().Match(line) is { Success: true } match)
            {
                (uint, string) key = (uint.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value);
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }
        }

        return counts;
    }

    public void Dispose() => RemoveInstance(_instance);

    /// <summary>Of a run that may have been killed.</summary>
    internal static void RemoveOf(string directory) => RemoveInstance($"{MountOf(directory)}/instances/{Path.GetFileName(directory)}");

    private static string MountOf(string directory) => Path.Combine(directory, "tracing");

    private static void RemoveInstance(string instance)
    {
        if (Directory.Exists(instance))
        {
            // Its files cannot be removed one by one: rmdir(2) is what ends an instance.
            _ = Child.Run("rmdir", instance);
        }
    }

    [GeneratedRegex(@"fuse_request_send: connection (\d+) req \d+ opcode \d+ \((?:FUSE_)?(\w+)\)")]
    private static partial Regex Line();
}
