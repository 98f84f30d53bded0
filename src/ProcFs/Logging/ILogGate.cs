using Serilog.Events;

namespace ProcFs.Logging;

/// <summary>Keeps out of the log what was told already. For one thread.</summary>
internal interface ILogGate
{
    /// <summary>When something is to be told of what was left out, and how long until then; null when nothing is.</summary>
    TimeSpan? Rest { get; }

    /// <summary>What is written for a line, itself or with a word on others; null: it is left out.</summary>
    LogEvent? Pass(LogEvent logEvent);

    /// <summary>What is to be told of what was left out, where its time is over.</summary>
    /// <param name="all">Nothing comes after this: also where it is not.</param>
    IReadOnlyList<LogEvent> Due(bool all = false);
}
