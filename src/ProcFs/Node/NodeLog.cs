using Microsoft.Extensions.Logging;

namespace ProcFs.Node;

/// <summary>What the verbs of a node say besides what their parts do.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1725, LogLevel.Warning, "this node has no systemd: this pod supervises the daemon itself, and containers see the kernel's own files from its end until the next one has started")]
    public static partial void Supervising(ILogger logger);

    [LoggerMessage(1726, LogLevel.Information, "{Count} container(s) of pods ran without files, and were shown to the hook")]
    public static partial void Attached(ILogger logger, int count);
}
