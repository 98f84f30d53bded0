using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>The daemon's configuration file on the node, when the pod brings one. A file that somebody else wrote is left alone.</summary>
internal sealed partial class NodeConfiguration(NodePlaces places, ILogger logger)
{
    private const string Marker = "// Installed by procfs node.";

    private bool _isToldForeign;

    /// <summary>Writes it, or takes away what an installation before this one brought. Whoever is told of a change first can do what has to follow.</summary>
    /// <param name="text">What the pod brings, which has been understood; null: nothing.</param>
    /// <param name="beforeChange">Called before the file says something else.</param>
    /// <exception cref="Failure">It cannot be written.</exception>
    public void Install(string? text, Action beforeChange)
    {
        string? there = NodeFile.Read(places.Configuration);
        if (there is not null && !IsOurs(there))
        {
            if (text is not null && !_isToldForeign)
            {
                LogForeign(Configuration.ConfigFile.DefaultPath);
            }

            _isToldForeign = text is not null;
            return;
        }

        string? wanted = text is null ? null : $"{Marker}\n{text}";
        if (there == wanted)
        {
            return;
        }

        beforeChange();
        if (wanted is null)
        {
            NodeFile.Remove(places.Configuration, IsOurs);
            LogWithdrawn(Configuration.ConfigFile.DefaultPath);
        }
        else
        {
            NodeFile.Write(places.Configuration, wanted);
            LogWritten(Configuration.ConfigFile.DefaultPath);
        }
    }

    /// <summary>What it says, if it is ours; null: it is not, or there is none.</summary>
    public string? Own => NodeFile.Read(places.Configuration) is { } text && IsOurs(text) ? text : null;

    /// <summary>Has it say what <see cref="Own"/> was. A file that somebody else wrote stays.</summary>
    /// <exception cref="Failure">It cannot be written.</exception>
    public void Restore(string? own)
    {
        if (NodeFile.Read(places.Configuration) is { } there && !IsOurs(there))
        {
            return;
        }

        _ = own is null ? NodeFile.Remove(places.Configuration, IsOurs) : NodeFile.Write(places.Configuration, own);
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

    [LoggerMessage(1715, LogLevel.Information, "{File} removed: the pod brings none any more")]
    private partial void LogWithdrawn(string file);

    [LoggerMessage(1714, LogLevel.Warning, "{File} was written by somebody else and stays as it is: what the pod brings does not count on this node")]
    private partial void LogForeign(string file);
}
