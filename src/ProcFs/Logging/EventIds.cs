using Serilog.Events;

namespace ProcFs.Logging;

/// <summary>What kind of event a line tells of. An id never changes its meaning and is never given to another event: docs/logs.md has all of them.</summary>
internal static class EventIds
{
    /// <summary>Messages were dropped, because nobody read the log.</summary>
    public const int Dropped = 1901;

    /// <summary>The same was told too often, and left out.</summary>
    public const int LeftOut = 1902;

    private const string Property = "EventId";
    private const string Number = "Id";

    /// <summary>0: it has none, as messages of libraries.</summary>
    public static int Of(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue(Property, out LogEventPropertyValue? value) && value is StructureValue structure
        && structure.Properties.FirstOrDefault(member => member.Name == Number)?.Value is ScalarValue { Value: int id } ? id : 0;

    /// <summary>As the logging abstractions hand an id on.</summary>
    public static LogEventProperty ToProperty(int id, string name) =>
        new(Property, new StructureValue([new LogEventProperty(Number, new ScalarValue(id)), new LogEventProperty("Name", new ScalarValue(name))]));
}
