namespace ProcFs.Logging;

/// <summary>How a line of the log is written; the configuration's <c>logFormat</c>.</summary>
internal enum LogFormat
{
    /// <summary>As suits whoever reads standard error: a terminal, the journal, or anything else, which gets JSON.</summary>
    Auto,

    /// <summary>Time, level, event id and sentence.</summary>
    Text,

    /// <summary>Priority as sd-daemon(3) has it, event id and sentence.</summary>
    Journal,

    /// <summary>A JSON object in each line.</summary>
    Json,
}
