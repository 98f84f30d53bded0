using ProcFs.Hook.Output;
using Serilog.Events;
using Serilog.Parsing;

namespace ProcFs.Logging;

/// <summary>
/// Leaves out warnings and errors that an earlier process told within the last minute: for verbs that the service starts again and again, each time as a new process. What is the same
/// goes by <see cref="FloodGate.KeyOf"/>. The next one that is told says how many were left out.
/// </summary>
/// <param name="file">Where it is kept.</param>
/// <param name="clock">One that all processes of this boot have.</param>
internal sealed class SharedGate(RepeatGate file, TimeProvider clock) : ILogGate
{
    private const string Count = "LeftOut";

    private const string Words = " (and {" + Count + "} like this before, which were left out)";

    public TimeSpan? Rest => null;

    public LogEvent? Pass(LogEvent logEvent)
    {
        if (logEvent.Level < LogEventLevel.Warning)
        {
            return logEvent;
        }

        long nowMs = (long)clock.GetElapsedTime(0).TotalMilliseconds;
        return !file.Admits(RepeatGate.KeyOf(FloodGate.KeyOf(logEvent, out _)), nowMs, out long leftOut) ? null
            : leftOut == 0 ? logEvent
            : new LogEvent(
                logEvent.Timestamp,
                logEvent.Level,
                logEvent.Exception,
                new MessageTemplateParser().Parse(logEvent.MessageTemplate.Text + Words),
                [.. logEvent.Properties.Select(property => new LogEventProperty(property.Key, property.Value)), new LogEventProperty(Count, new ScalarValue(leftOut))]);
    }

    public IReadOnlyList<LogEvent> Due(bool all = false) => [];
}
