using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>The daemon's configuration file on the node, when the pod brings one. A file that somebody else wrote is left alone.</summary>
internal sealed partial class NodeConfiguration(NodePlaces places, ILogger logger)
{
    private const string Marker = "// Installed by procfs node.";

    /// <summary>Writes it; true: it says something else now.</summary>
    /// <param name="text">What the pod brings, which has been understood; null: nothing.</param>
    /// <exception cref="Failure">It cannot be written.</exception>
    public bool Install(string? text)
    {
        if (text is null)
        {
            return false;
        }

        if (NodeFile.Read(places.Configuration) is { } there && !IsOurs(there))
        {
            LogForeign(Configuration.ConfigFile.DefaultPath);
            return false;
        }

        bool hasChanged = NodeFile.Write(places.Configuration, $"{Marker}\n{text}");
        if (hasChanged)
        {
            LogWritten(Configuration.ConfigFile.DefaultPath);
        }

        return hasChanged;
    }

    /// <summary>Removes it, if it is ours.</summary>
    public void Uninstall()
    {
        _ = NodeFile.Remove(places.Configuration, IsOurs);
        NodeFile.RemoveEmpty(Path.GetDirectoryName(places.Configuration)!);
    }

    private static bool IsOurs(string text) => text.StartsWith(Marker, StringComparison.Ordinal);

    [LoggerMessage(1713, LogLevel.Information, "{File} written")]
    private partial void LogWritten(string file);

    [LoggerMessage(1714, LogLevel.Warning, "{File} was written by somebody else and stays as it is: what the pod brings does not count on this node")]
    private partial void LogForeign(string file);
}
